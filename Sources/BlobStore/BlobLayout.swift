package import Bytes

/// Where the store's files stand below the data directory.
///
/// ```
/// <data directory>/
///   incoming/upload-<32 hex digits>      uploads under way
///   blobs/ab/abcd…<64 hex digits>        finished blobs, by the first byte of their id
/// ```
/// Every path is made of names chosen here and of hexadecimal digits, never of a client's words.
/// `BlobFiles.md` describes what may stand where, and when.
package struct BlobLayout: Sendable {
    /// Permission bits of every directory: the owner's alone.
    package static let directoryPermissions: UInt32 = 0o700
    /// Permission bits of every file: the owner's alone.
    package static let filePermissions: UInt32 = 0o600
    /// Directories below `blobs/`: one for each first byte of an id.
    ///
    /// Ten million blobs then make about 40,000 names a directory, which today's file systems look
    /// up in a hash tree, and 256 directories are few enough to exist from the start.
    package static let fanOut = 256

    /// The data directory, without a slash at the end.
    package let dataDirectory: String

    /// Names the place of a store.
    ///
    /// - Parameter dataDirectory: an existing directory.
    package init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    /// The directory of uploads under way.
    package var incomingDirectory: String { dataDirectory + "/incoming" }

    /// The directory above all finished blobs.
    package var blobsDirectory: String { dataDirectory + "/blobs" }

    /// One of the directories that finished blobs stand in.
    ///
    /// - Parameter firstByte: the first byte of the ids in it.
    /// - Returns: its path.
    package func directory(_ firstByte: UInt8) -> String {
        blobsDirectory + "/" + String(decoding: Hex.encode([firstByte].span), as: UTF8.self)
    }

    /// The file of a blob.
    ///
    /// - Parameter id: the blob's id.
    /// - Returns: its path.
    package func path(of id: BlobID) -> String {
        directory(id.firstByte) + "/" + id.hex
    }

    /// Reads a name found in one of the directories of finished blobs.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - firstByte: which directory it was found in.
    /// - Returns: the id, or `nil` for a name that the store does not make there.
    package func id(of name: String, inDirectory firstByte: UInt8) -> BlobID? {
        guard let id = BlobID(hex: name), id.firstByte == firstByte else { return nil }
        return id
    }

    /// The file of an upload under way.
    ///
    /// - Parameter name: its name.
    /// - Returns: its path.
    package func path(of name: IncomingName) -> String {
        incomingDirectory + "/" + name.text
    }
}

extension BlobID {
    /// The byte that chooses the directory.
    var firstByte: UInt8 { UInt8(truncatingIfNeeded: words.first >> 56) }
}
