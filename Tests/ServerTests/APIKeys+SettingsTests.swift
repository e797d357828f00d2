internal import Bytes
internal import Server
internal import Testing
internal import UV

@Suite struct APIKeysSettingsTests {
    private func read(
        _ environment: [String: String]
    ) -> Result<APIKeys, ConfigurationError> {
        do throws(ConfigurationError) {
            return .success(try Configuration.read(environment: environment).keys)
        } catch {
            return .failure(error)
        }
    }

    private func accepts(_ keys: APIKeys, _ sent: String) -> Bool {
        let bytes = Array(sent.utf8)
        return keys.contains(bytes.span)
    }

    private func refusal(_ environment: [String: String]) throws -> ConfigurationError {
        guard case .failure(let error) = read(environment) else {
            Issue.record("was accepted")
            throw CancellationError()
        }
        return error
    }

    /// Writes a file of a name that no other test has, and removes it afterwards.
    private func withFile(_ content: [UInt8], _ body: (String) throws -> Void) throws {
        let files = SystemFileSystem()
        let path = "/tmp/api-keys-\(UInt64.random(in: 0...UInt64.max))"
        let file = try files.open(path, [.write, .create, .exclusive], permissions: 0o600)
        defer {
            files.close(file)
            do throws(UVError) { try files.remove(path) } catch { Issue.record("\(error)") }
        }
        if !content.isEmpty { try files.write(file, content.span, at: 0) }
        try body(path)
    }

    @Test func `several keys are separated by commas, white space around them dropped`() throws {
        let keys = try read(["API_KEY": " one,two\t,\tthree \r\n"]).get()
        #expect(keys.count == 3)
        for key in ["one", "two", "three"] { #expect(accepts(keys, key)) }
        for key in [" one", "two\t", "one,two", ""] { #expect(!accepts(keys, key)) }
    }

    @Test func `without a key the message names both settings`() throws {
        let error = try refusal([:])
        #expect(error.description.contains("API_KEY "))
        #expect(error.description.contains("API_KEY_FILE"))
    }

    @Test(arguments: ["", " ", "\n", ",", "one,", ",one", "one,,two", "one, ,two"])
    func `an empty key is refused`(text: String) throws {
        #expect(try refusal(["API_KEY": text]).setting == "API_KEY")
    }

    @Test(arguments: [
        "top secret", "topsecret\u{7F}", "topsecret\u{1}", "topsecrét", "topsecret\0x",
    ])
    func `a key that is not visible ASCII is refused, and not shown`(text: String) throws {
        let error = try refusal(["API_KEY": "good," + text])
        #expect(error.description.contains("number 2"))
        #expect(!error.description.contains("secr"))
        #expect(!error.description.contains("good"))
    }

    @Test func `a key is taken at its greatest length and refused one byte past it`() throws {
        let longest = String(repeating: "~", count: APIKeys.keyBytesMax)
        #expect(accepts(try read(["API_KEY": longest]).get(), longest))
        let error = try refusal(["API_KEY": longest + "~"])
        #expect(error.description.contains("\(APIKeys.keyBytesMax) bytes"))
        #expect(!error.description.contains("~"))
    }

    @Test func `the greatest number of keys is taken, and one more refused`() throws {
        let most = (0..<APIKeys.keyCountMax).map { "key\($0)" }
        #expect(try read(["API_KEY": most.joined(separator: ",")]).get().count == most.count)
        let error = try refusal(["API_KEY": (most + ["more"]).joined(separator: ",")])
        #expect(error.description.contains("at most \(APIKeys.keyCountMax) keys"))
    }

    @Test func `keys come from a file, its last line end dropped`() throws {
        try withFile(Array("one,two\n".utf8)) { path in
            let keys = try read(["API_KEY_FILE": path]).get()
            #expect(keys.count == 2)
            #expect(accepts(keys, "one") && accepts(keys, "two"))
        }
    }

    @Test(arguments: ["", "\n", "topsecret one"])
    func `a file without a usable key is refused by the name of its setting`(
        content: String
    ) throws {
        try withFile(Array(content.utf8)) { path in
            let error = try refusal(["API_KEY_FILE": path])
            #expect(error.setting == "API_KEY_FILE")
            #expect(!error.description.contains("topsecret"))
        }
    }

    @Test func `a file is read at its greatest size and refused one byte past it`() throws {
        let sizeMax = APIKeys.keyCountMax * APIKeys.keyBytesMax * 2
        let blanks = [UInt8](repeating: UInt8(ascii: " "), count: sizeMax - 1)
        try withFile(blanks + Array("k".utf8)) { path in
            let keys = try read(["API_KEY_FILE": path]).get()
            #expect(accepts(keys, "k"))
        }
        try withFile(blanks + Array("k\n".utf8)) { path in
            let error = try refusal(["API_KEY_FILE": path])
            #expect(error.description.contains("\(sizeMax) bytes"))
        }
    }

    @Test(arguments: ["", "/nowhere/at/all", "/"])
    func `a file that cannot be read is refused`(path: String) throws {
        #expect(try refusal(["API_KEY_FILE": path]).setting == "API_KEY_FILE")
    }

    @Test func `keys from both places are refused, whichever way they come`() throws {
        let both = try refusal(["API_KEY": "topsecret", "API_KEY_FILE": "/nowhere"])
        #expect(both.description.contains("API_KEY and API_KEY_FILE"))
        #expect(!both.description.contains("topsecret"))
        #expect(throws: both) {
            _ = try Configuration.read(
                environment: ["API_KEY": "topsecret"],
                options: ["API_KEY_FILE": "/nowhere"]
            )
        }
    }
}
