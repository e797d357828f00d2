internal import Bytes
internal import HTTP1

/// Whether a request carries a key.
enum Authorization {
    private static let bearer = Array("bearer ".utf8)

    /// Tells whether a request carries something in a key's place.
    ///
    /// - Parameter exchange: the request.
    /// - Returns: false when the key is missing.
    static func isTried(_ exchange: Exchange) -> Bool {
        let fields = exchange.head.fields
        if fields.count(of: .xAPIKey) > 0 { return true }
        return exchange.route == .metrics && fields.count(of: .authorization) > 0
    }

    /// Decides about a request.
    ///
    /// - Parameters:
    ///   - exchange: the request; `/metrics` takes the key as a bearer token, too (RFC 6750 §2.1),
    ///     which is what Prometheus can send.
    ///   - keys: the keys that are valid.
    /// - Returns: true when it carries one of them. The time this takes does not depend on the key.
    static func isGranted(_ exchange: Exchange, _ keys: APIKeys) -> Bool {
        let fields = exchange.head.fields
        // Two different keys in one request are a mistake or an attempt; neither is taken.
        if fields.count(of: .xAPIKey) == 1,
            let granted = fields.withFirst(.xAPIKey, { keys.contains($0) }), granted
        {
            return true
        }
        guard exchange.route == .metrics else { return false }
        return fields.withFirst(.authorization) { value in
            guard value.count > bearer.count else { return false }
            for i in bearer.indices where value[i] | 0x20 != bearer[i] { return false }
            return keys.contains(value.extracting(bearer.count..<value.count))
        } ?? false
    }
}
