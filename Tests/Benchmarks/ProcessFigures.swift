internal import UV

/// What the system tells about this process.
enum ProcessFigures {
    /// Memory that is in use at present, in bytes.
    ///
    /// - Returns: the resident set as `/proc/self/status` has it.
    /// - Throws: what reading that answers.
    static func residentBytes() throws(UVError) -> Int {
        let files = SystemFileSystem()
        let file = try files.open("/proc/self/status", .read, permissions: 0)
        defer { files.close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        var span = bytes.mutableSpan
        let count = try files.read(file, into: &span, at: 0)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let digits = line.filter(\.isNumber)
            if let kibibytes = Int(digits) { return kibibytes << 10 }
        }
        throw .notFound
    }
}
