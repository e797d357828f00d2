internal import BlobStore
internal import Bytes
internal import ImageFormat

/// One file of an upload while it arrives, on a worker.
struct UploadFile: Sendable {
    /// Bytes that have to be there before the header is looked at while the file arrives: enough
    /// for every signature, and for the header of nearly every image.
    ///
    /// Each further look comes only when the file has grown fourfold, so that looking costs little
    /// however the bytes come.
    static let firstLookBytes: UInt64 = 16 << 10
    private static let growthBetweenLooks: UInt64 = 4

    /// The name that the client gave.
    let filename: String
    let blob: IncomingBlob
    /// Why the file is refused; nothing of it is kept then.
    private(set) var refusal: UploadFiles.Refused?
    private var description: ImageDescription?
    private var nextLookBytes = firstLookBytes
    private var gathered: [UInt8] = []

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - filename: the name that the client gave; never used as a path.
    ///   - blob: where its bytes go.
    init(filename: String, blob: IncomingBlob) {
        self.filename = filename
        self.blob = blob
    }

    /// Takes bytes of the file.
    ///
    /// Small ones are gathered: a body in chunks of a byte must not cost a system call for each.
    ///
    /// - Parameter bytes: the next bytes.
    /// - Throws: the store's error.
    mutating func append(_ bytes: Span<UInt8>) throws(BlobStoreError) {
        guard refusal == nil else { return }
        if bytes.count < Self.gatheredBytesMax {
            gathered.append(bytes)
            if gathered.count < Self.writtenBytesMin { return }
            try writeGathered()
        } else {
            try writeGathered()
            try blob.append(bytes)
        }
    }

    /// Writes what was gathered; called before the file is looked at or ends, and at the end of
    /// each piece.
    ///
    /// - Throws: the store's error.
    mutating func writeGathered() throws(BlobStoreError) {
        guard !gathered.isEmpty, refusal == nil else { return }
        try blob.append(gathered.span)
        gathered.removeAll(keepingCapacity: true)
    }

    /// Pieces below this are gathered: a write costs about as much as copying so many bytes.
    private static let gatheredBytesMax = 4 << 10
    /// Gathered bytes are written when they are so many.
    private static let writtenBytesMin = 64 << 10

    /// Looks at what has arrived, if it is worth it.
    ///
    /// - Throws: the store's error.
    mutating func inspectArrived() throws(BlobStoreError) {
        try writeGathered()
        guard description == nil, refusal == nil, blob.sizeBytes >= nextLookBytes else { return }
        nextLookBytes = blob.sizeBytes * Self.growthBetweenLooks
        try inspect(isComplete: false)
    }

    /// Ends the file.
    ///
    /// - Returns: the image, or why it is none.
    /// - Throws: the store's error.
    mutating func finish() throws(BlobStoreError) -> Result<UploadFiles.Received, UploadRefusal> {
        try writeGathered()
        if description == nil, refusal == nil { try inspect(isComplete: true) }
        if let refusal { return .failure(UploadRefusal(file: refusal)) }
        guard let description else {
            throw BlobStoreError(.io, "a complete file asked for more bytes than it has")
        }
        return .success(
            UploadFiles.Received(
                filename: filename,
                id: try blob.seal(),
                sizeBytes: blob.sizeBytes,
                description: description,
                blob: blob
            )
        )
    }

    private mutating func refuse(_ reason: String, _ kind: FileRefusal) {
        refusal = UploadFiles.Refused(filename: filename, reason: reason, kind: kind)
        blob.discard()
    }

    private mutating func inspect(isComplete: Bool) throws(BlobStoreError) {
        var source = IncomingBlobSource(blob: blob, isComplete: isComplete)
        do throws(ImageFormatError) {
            description = try ImageInspector.inspect(&source)
        } catch {
            switch error {
            case .needMoreData:
                break
            case .unsupported(let reason):
                refuse(reason, blob.sizeBytes == 0 ? .empty : .unsupportedFormat)
            case .damaged(let reason, _):
                refuse(reason, .invalidHeader)
            case .sourceFailed(let message):
                throw BlobStoreError(.io, message)
            }
        }
    }
}

/// Lets the header readers see what has arrived of a file.
struct IncomingBlobSource: ImageSource {
    private let blob: IncomingBlob
    let availableBytes: UInt64
    let isComplete: Bool

    init(blob: IncomingBlob, isComplete: Bool) {
        self.blob = blob
        self.isComplete = isComplete
        availableBytes = blob.sizeBytes
    }

    func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let filled: Int
        do throws(BlobStoreError) {
            var span = bytes.mutableSpan
            filled = try blob.read(into: &span, at: offset)
        } catch {
            throw .sourceFailed("\(error)")
        }
        if filled < count {
            guard isComplete else { throw .needMoreData }
            bytes.removeLast(count - filled)
        }
        return bytes
    }
}
