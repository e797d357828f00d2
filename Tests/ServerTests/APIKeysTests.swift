internal import Bytes
internal import Server
internal import Testing

@Suite struct APIKeysTests {
    private func contains(_ keys: APIKeys, _ sent: String) -> Bool {
        contains(keys, Array(sent.utf8))
    }

    private func contains(_ keys: APIKeys, _ sent: [UInt8]) -> Bool {
        keys.contains(sent.span)
    }

    private func keys(_ keys: String...) -> APIKeys { APIKeys(keys.map { Array($0.utf8) }) }

    @Test func `each key is accepted, and only whole`() {
        let keys = keys("alpha", "beta", "alphabet")
        for sent in ["alpha", "beta", "alphabet"] { #expect(contains(keys, sent)) }
        for sent in ["", "a", "alph", "alphab", "Alpha", "alpha ", "alpha,beta", "gamma"] {
            #expect(!contains(keys, sent), "\(sent)")
        }
    }

    @Test func `zeros after a key make another key`() {
        let keys = keys("alpha")
        #expect(!contains(keys, "alpha\0"))
        #expect(!contains(keys, "\0"))
        #expect(!contains(keys, String(repeating: "\0", count: APIKeys.keyBytesMax)))
    }

    @Test(arguments: 0..<APIKeys.keyBytesMax)
    func `a difference at any byte is seen`(position: Int) {
        let key = [UInt8](repeating: UInt8(ascii: "k"), count: APIKeys.keyBytesMax)
        let keys = APIKeys([key])
        for bit in 0..<8 {
            var sent = key
            sent[position] ^= 1 << UInt8(bit)
            #expect(!contains(keys, sent))
        }
    }

    @Test func `a key of the greatest length is accepted, and not with one byte more`() {
        let key = [UInt8](repeating: UInt8(ascii: "k"), count: APIKeys.keyBytesMax)
        let keys = APIKeys([key])
        let longer = key + [UInt8(ascii: "k")]
        #expect(contains(keys, key))
        #expect(!contains(keys, longer))
        #expect(!contains(keys, Array(key.dropLast())))
    }

    @Test func `all of the greatest number of keys are accepted`() {
        let all = (0..<APIKeys.keyCountMax).map { Array("key-\($0)".utf8) }
        let keys = APIKeys(all)
        for key in all { #expect(contains(keys, key)) }
        #expect(!contains(keys, "key-\(APIKeys.keyCountMax)"))
    }

    @Test func `no way of printing shows a key`() {
        let keys = keys("topsecret", "hunter2")
        var dumped = ""
        dump(keys, to: &dumped)
        let texts = [
            "\(keys)", String(reflecting: keys), String(describing: keys), dumped,
            "\(Optional(keys) as Any)", "\([keys])",
        ]
        for text in texts {
            #expect(text.contains("2 keys"))
            #expect(!text.contains("secret") && !text.contains("hunter"))
            // Nor as the numbers that the type keeps.
            #expect(text.count < 40)
        }
        #expect("\(self.keys("topsecret"))" == "1 key")
    }

    @Test func `a configuration that is printed shows no key`() throws {
        let configuration = try Configuration.read(environment: ["API_KEY": "topsecret"])
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration)".contains("topsecret"))
        #expect(!dumped.contains("topsecret"))
        #expect(!dumped.contains("slots"))
    }
}
