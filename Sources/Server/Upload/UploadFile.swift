internal import BlobStore
internal import Bytes
internal import ImageFormat
internal import UV

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
    private var inHand = BytesInHand()

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
    /// - Parameters:
    ///   - buffer: the memory; it stays as it is until `forgetBytesInHand`.
    ///   - range: the next bytes in it.
    /// - Throws: the store's error.
    mutating func append(_ buffer: Buffer, _ range: Range<Int>) throws(BlobStoreError) {
        guard refusal == nil else { return }
        let bytes = buffer.span.extracting(range)
        guard range.count >= Self.gatheredBytesMax else { return try gather(bytes) }
        try writeGathered()
        inHand.add(buffer, range, at: blob.sizeBytes)
        try blob.append(bytes)
    }

    /// Takes a few bytes of the file.
    ///
    /// - Parameter bytes: the next bytes.
    /// - Throws: the store's error.
    mutating func append(_ bytes: [UInt8]) throws(BlobStoreError) {
        guard refusal == nil else { return }
        try gather(bytes.span)
    }

    private mutating func gather(_ bytes: Span<UInt8>) throws(BlobStoreError) {
        gathered.append(bytes)
        if gathered.count >= Self.writtenBytesMin { try writeGathered() }
    }

    /// Lets go of the buffers that came with a piece.
    mutating func forgetBytesInHand() { inHand = BytesInHand() }

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
        var source = IncomingBlobSource(blob: blob, inHand: inHand, isComplete: isComplete)
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
