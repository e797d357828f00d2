internal import UV

/// The address that a health check asks: `http://`, a numeric host or `localhost`, a port, a path.
///
/// ```
/// http://127.0.0.1:8001/healthz     http://[::1]:8001/readyz     http://localhost/healthz
/// ```
/// Names are not resolved: the check runs beside the server.
package struct HealthURL: Hashable, Sendable {
    /// The host in numeric form, IPv6 without brackets, or `localhost`.
    package let host: String
    /// The port, 80 when none is given.
    package let port: UInt16
    /// The path with its query, `/` when none is given.
    package let path: String
    /// Host and port as the `Host` field has them.
    let authority: String

    /// The longest address in bytes.
    package static let bytesMax = 2_048

    /// Reads an address.
    ///
    /// - Parameter text: the address; `nil` when it is longer than `bytesMax` or not of the form
    ///   above.
    package init?(_ text: String) {
        let scheme = "http://"
        // The text goes into a request line, where a blank or a line end would end the target.
        guard text.utf8.count <= Self.bytesMax, text.hasPrefix(scheme),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#")
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        var host = authority
        var port: UInt16 = 80
        if host.last != "]", let colon = host.lastIndex(of: ":") {
            guard let number = UInt16(host[host.index(after: colon)...]), number > 0 else {
                return nil
            }
            port = number
            host = host[..<colon]
        }
        let isBracketed = host.first == "[" && host.last == "]"
        guard isBracketed == host.contains(":") else { return nil }
        if isBracketed { host = host.dropFirst().dropLast() }
        do throws(UVError) {
            _ = try SocketAddress(host: String(host), port: port)
        } catch {
            return nil
        }
        self.host = String(host)
        self.port = port
        self.authority = String(authority)
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
    }
}
