import TestSupport

/// Makes requests up: mostly valid ones, with what attackers and broken clients send mixed in.
struct RequestGenerator {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private static let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "G@T", "FROB", "",
    ]
    private static let targets = [
        "/", "/api/stats", "/a?b=c", "/a%20b", "//", "/a#b", "/\u{E9}", "*", "http://h/p", "a", "",
        "/a b", "/|^[", "ftp://h/",
    ]
    private static let versions = [
        "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1",
        "HTTP/1",
        "HTTP/1.10", "",
    ]
    private static let framings = [
        "Content-Length: 5", "Content-Length: 5", "Content-Length: 0", "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: +5",
        "Content-Length: 5,5",
        "Content-Length: 05", "Content-Length:", "Content-Length: 99999999999999999999",
        "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, x",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding:",
        "Transfer-Encoding: CHUNKED", "Transfer-Encoding : chunked",
        "Transfer-Encoding:\u{0B}chunked",
        "Content-Length : 5", "Content-Length: 5 5", "Content-Length: 0x5",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked,",
    ]
    private static let validFramings = [
        "Content-Length: 5", "Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 0",
    ]
    private static let fields = [
        "Accept: */*", "User-Agent: a/1.0 (b; c)", "X-Empty:", "X-Tab:\tb\t", "X-Obs: é",
        "X Space: a",
        "X-Fold: a\r\n b", "X-NUL: a\0b", ": b", "NoColon", "X-CR: a\rb", "Connection: close",
        "Connection: keep-alive", "Expect: 100-continue", "Expect: x", "X-Ctl: \u{01}", "X(Y: z",
        "Host: b", "X-DEL: a\u{7F}", " X-Lead: a", "Trailer: X", "X-Quote: \"a, b\"",
    ]
    private static let bodies = [
        "hello", "hello", "hel", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n",
        "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "+5\r\nhello\r\n0\r\n\r\n", "5\r\nhello!\r\n0\r\n\r\n", "0\r\n\r\n",
        "5;\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
        "0\r\nContent-Length: 5\r\n\r\n", "5\r\nhello\r\n0\r\nA : b\r\n\r\n", "x\r\n",
    ]
    /// What bytes are changed to: everything that delimits, and some that must not be there.
    private static let nastyBytes = Array("\r\n \t:;,=\"\0\u{7F}aZ09/%#".utf8) + [0x0B, 0x80, 0xFF]

    /// Makes the next request, with another one behind it, so that a body that is taken for too
    /// long or too short shows.
    mutating func next() -> [UInt8] {
        var bytes = Array(text().utf8)
        if chance(30) {
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes) }
        }
        return bytes + Array("GET /marker HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    private mutating func text() -> String {
        var text = chance(5) ? "\r\n" : ""
        text += usually("POST", Self.methods) + " " + usually("/", Self.targets) + " "
        text += usually("HTTP/1.1", Self.versions) + "\r\n"
        var lines = chance(95) ? ["Host: a"] : []
        if chance(75) { lines.append(pick(chance(50) ? Self.validFramings : Self.framings)) }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            lines.append(usually("Accept: */*", Self.fields))
        }
        lines.shuffle(using: &random)
        text += lines.map { $0 + "\r\n" }.joined() + "\r\n"
        if chance(90) {
            let isChunked = lines.contains("Transfer-Encoding: chunked")
            let isFramed = isChunked || lines.contains("Content-Length: 5")
            let body = isChunked ? "5\r\nhello\r\n0\r\n\r\n" : isFramed ? "hello" : ""
            text += usually(body, Self.bodies)
        }
        return text
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(pick(Self.nastyBytes), at: index)
        case 2: bytes[index] = pick(Self.nastyBytes)
        default: bytes.insert(bytes[index], at: index)
        }
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: list.indices, using: &random)]
    }

    private mutating func usually(_ common: String, _ list: [String]) -> String {
        chance(88) ? common : pick(list)
    }
}
