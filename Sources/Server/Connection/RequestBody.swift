internal import Bytes
internal import HTTP1
internal import UV

/// Takes the body of one request as it arrives.
///
/// Belongs to the connection's loop.
///
/// ```
/// accepted ──receive*──▶ end          the whole body came
///     └──────receive*──▶ abort        it will not come: the client left, or broke the protocol
/// ```
/// An endpoint that answers before the end gets no further call but `abort`.
protocol RequestBody: AnyObject {
    /// Says where the next bytes are to be read into.
    func lend() -> BodyMemory

    /// Takes a part of the body.
    ///
    /// - Parameters:
    ///   - buffer: the memory, which is the body's own from now on if `keepsBuffers`.
    ///   - range: the part of it.
    func receive(_ buffer: Buffer, _ range: Range<Int>)

    /// Whether the buffers given to `receive` are still needed when it returns.
    var keepsBuffers: Bool { get }

    /// Notes that as much was received as one read brought.
    func readEnded()

    /// Notes that the body is complete.
    func end()

    /// Lets go of everything: the rest will not come.
    func abort()
}

extension RequestBody {
    func lend() -> BodyMemory { .shared }
    var keepsBuffers: Bool { false }
    func readEnded() {}
}

/// Where the bytes of a body are read into.
enum BodyMemory {
    /// Memory of the body's own.
    case own(OutputChunk)
    /// The loop's, which is handed over by `receive`.
    case shared
    /// None now: reading stops until `Exchange.resumeReading`.
    case later
}

/// A small body that is needed as a whole, such as JSON.
final class CollectedBody: RequestBody {
    private let bytesMax: Int
    private var bytes: [UInt8] = []
    private var finish: ((Result<[UInt8], TooLarge>) -> Void)?

    /// The body has more bytes than are read.
    struct TooLarge: Error {}

    /// Collects a body.
    ///
    /// - Parameters:
    ///   - bytesMax: the most bytes it may have.
    ///   - finish: called once with all of it, or as soon as it is too large; not at all when the
    ///     client leaves.
    init(bytesMax: Int, _ finish: @escaping (Result<[UInt8], TooLarge>) -> Void) {
        self.bytesMax = bytesMax
        self.finish = finish
    }

    func receive(_ buffer: Buffer, _ range: Range<Int>) {
        guard finish != nil else { return }
        guard range.count <= bytesMax - bytes.count else {
            finish.take()?(.failure(TooLarge()))
            return
        }
        bytes.append(buffer.span.extracting(range))
    }

    func end() { finish.take()?(.success(bytes)) }

    func abort() { finish = nil }
}
