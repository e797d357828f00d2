internal import Bytes
internal import UV

extension APIKeys {
    /// The largest key file: all the keys that there can be, with room for white space.
    static let fileBytesMax = keyCountMax * keyBytesMax * 2

    /// Reads the keys from `API_KEY`, or from the file that `API_KEY_FILE` names.
    ///
    /// - Parameters:
    ///   - values: the given settings.
    ///   - files: where the file is read from.
    /// - Returns: the keys.
    /// - Throws: `ConfigurationError`, when there is no key, both settings are given, the file
    ///   cannot be read, or a key is unusable. It never holds a key.
    static func read(
        _ values: SettingValues,
        files: any FileSystem
    ) throws(ConfigurationError) -> APIKeys {
        switch (values.given(.apiKey), values.given(.apiKeyFile)) {
        case (nil, nil):
            throw ConfigurationError(
                named: "API_KEY",
                "is not set, and neither is API_KEY_FILE",
                advice: "set one of them, to the key that clients are to send or to a file with it"
            )
        case (.some, .some):
            throw ConfigurationError(
                named: "API_KEY",
                "and API_KEY_FILE are both set",
                advice: "set only one of them"
            )
        case (let keys?, nil):
            return try parse(Array(keys.utf8).span, of: .apiKey)
        case (nil, .some):
            let path = try values.path(.apiKeyFile, limitBytes: Configuration.pathBytesMax)
            let content: [UInt8]
            do throws(UVError) {
                content = try files.read(path, limitBytes: fileBytesMax + 1)
            } catch {
                throw ConfigurationError(
                    .apiKeyFile,
                    "is \(ConfigurationError.quoted(path)), which cannot be read (\(error))",
                    advice: "name a file that the server may read"
                )
            }
            guard content.count <= fileBytesMax else {
                throw ConfigurationError(
                    .apiKeyFile,
                    "names a file that is too large",
                    advice: "name a file of at most \(fileBytesMax) bytes"
                )
            }
            return try parse(content.span, of: .apiKeyFile)
        }
    }

    /// Splits keys at commas, white space around them dropped: a file ends with a line feed.
    static func parse(
        _ text: Span<UInt8>,
        of setting: Setting
    ) throws(ConfigurationError) -> APIKeys {
        let pieces = text.copy().split(
            separator: UInt8(ascii: ","),
            omittingEmptySubsequences: false
        )
        guard pieces.count <= keyCountMax else {
            throw ConfigurationError(
                setting,
                "holds \(pieces.count) keys",
                advice: "use at most \(keyCountMax) keys"
            )
        }
        var keys: [[UInt8]] = []
        for (i, piece) in pieces.enumerated() {
            let key = trimmed(piece)
            guard !key.isEmpty else {
                let which = pieces.count == 1 ? "is empty" : "holds an empty key (number \(i + 1))"
                throw ConfigurationError(
                    setting,
                    which,
                    advice: "use a secret of at least one character, or several separated by commas"
                )
            }
            guard key.count <= keyBytesMax else {
                throw ConfigurationError(
                    setting,
                    "holds a key of \(key.count) bytes (number \(i + 1))",
                    advice: "use keys of at most \(keyBytesMax) bytes"
                )
            }
            // What a header field can carry unchanged (RFC 9110 §5.5) and a person can type.
            guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ConfigurationError(
                    setting,
                    "holds a key with a character that is not visible ASCII (number \(i + 1))",
                    advice: "use keys of letters, digits and punctuation, without white space"
                )
            }
            keys.append(key)
        }
        return APIKeys(keys)
    }

    /// Drops blanks, tabs and line ends from both ends.
    private static func trimmed(_ piece: ArraySlice<UInt8>) -> [UInt8] {
        var piece = piece
        while let first = piece.first, isBlank(first) { piece.removeFirst() }
        while let last = piece.last, isBlank(last) { piece.removeLast() }
        return Array(piece)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }
}

extension FileSystem {
    /// Reads a small file.
    ///
    /// A symbolic link is followed: container platforms mount secrets as links.
    ///
    /// - Parameters:
    ///   - path: its path.
    ///   - limitBytes: how much of it is read at most.
    /// - Returns: the file's first bytes.
    /// - Throws: what the system answered.
    fileprivate func read(_ path: String, limitBytes: Int) throws(UVError) -> [UInt8] {
        let file = try open(path, [.read], permissions: 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limitBytes)
        var span = bytes.mutableSpan
        let count = try read(file, into: &span, at: 0)
        return Array(bytes[..<count])
    }
}
