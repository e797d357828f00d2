internal import CUV

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable {
    private var storage: sockaddr_storage

    /// Reads a numeric address.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address in text form, the latter without brackets; or `localhost`,
    ///     which stands for 127.0.0.1.
    ///   - port: the port; 0 lets the system choose.
    /// - Throws: `EINVAL` when the text is no such address.
    package init(host: String, port: UInt16) throws(UVError) {
        // C would read the text only up to a NUL and take "127.0.0.1\0.example" for an address.
        guard !host.utf8.contains(0) else { throw .invalidArgument }
        storage = sockaddr_storage()
        let text = host == "localhost" ? "127.0.0.1" : host
        // SAFETY: `sockaddr_storage` is at least as large as both address structures and aligned
        // for them; libuv writes one of them.
        let result = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return UV_EINVAL.rawValue }
            if text.utf8.contains(UInt8(ascii: ":")) {
                let address = unsafe base.assumingMemoryBound(to: sockaddr_in6.self)
                return unsafe uv_ip6_addr(text, CInt(port), address)
            }
            let address = unsafe base.assumingMemoryBound(to: sockaddr_in.self)
            return unsafe uv_ip4_addr(text, CInt(port), address)
        }
        try UVError.check(result)
    }

    /// Takes an address from a function that fills one in, or `nil` when that function fails.
    init?(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<CInt>) -> CInt) {
        storage = sockaddr_storage()
        var length = CInt(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: `length` tells the function how much room there is.
        let result = unsafe withUnsafeMutableBytes(of: &storage) { bytes -> CInt in
            guard let base = bytes.baseAddress else { return UV_EINVAL.rawValue }
            return unsafe fill(base.assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard result == 0 else { return nil }
    }

    /// `AF_INET` or `AF_INET6`.
    var family: CInt { CInt(storage.ss_family) }

    /// Lends the address in the form that libuv takes.
    func withRawAddress<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        // SAFETY: `sockaddr` is the common beginning of the structure that `storage` holds.
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self))
        }
    }

    /// The address without the port, in text form.
    package var host: String {
        // SAFETY: `uv_ip_name` writes at most the given number of bytes, terminated.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.textCapacity) { text in
            guard let base = text.baseAddress else { return "" }
            let result = unsafe withRawAddress { unsafe uv_ip_name($0, base, text.count) }
            return result == 0 ? unsafe String(cString: base) : ""
        }
    }

    /// The network that it belongs to, in one number: an IPv4 address itself, of an IPv6 address
    /// the first 64 bits, since whoever has one has all of those (RFC 4291 §2.5.4).
    package var network: UInt64 {
        // SAFETY: `family` tells which structure `storage` holds, and it is large enough for both.
        unsafe withRawAddress { raw in
            guard family == AF_INET6 else {
                return unsafe UInt64(
                    UnsafeRawPointer(raw).assumingMemoryBound(to: sockaddr_in.self)
                        .pointee.sin_addr.s_addr
                )
            }
            let words = unsafe UnsafeRawPointer(raw).assumingMemoryBound(to: sockaddr_in6.self)
                .pointee.sin6_addr.__in6_u.__u6_addr32
            // An IPv4 address in an IPv6 one (§2.5.5.2) would share its prefix with all others.
            let isMapped = words.0 == 0 && words.1 == 0 && words.2 == UInt32(0xFFFF).bigEndian
            return isMapped ? UInt64(words.3) : UInt64(words.0) << 32 | UInt64(words.1)
        }
    }

    /// Room for the longest text form, IPv6 with an embedded IPv4 address and a terminator
    /// (INET6_ADDRSTRLEN is 46).
    private static let textCapacity = 64

    /// The port.
    package var port: UInt16 {
        // SAFETY: both structures have the port at the same place, in network byte order.
        unsafe withRawAddress { raw in
            unsafe UnsafeRawPointer(raw).assumingMemoryBound(to: sockaddr_in.self)
                .pointee.sin_port.byteSwapped
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
