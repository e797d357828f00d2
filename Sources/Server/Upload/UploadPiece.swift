internal import UV

/// A stretch of an upload's files on its way from the loop to a worker.
///
/// It owns the buffers that the ranges point into: the bytes are written to the file from where the
/// socket put them.
struct UploadPiece: Sendable {
    /// What a worker has to do, in this order.
    enum Step: Sendable {
        /// A file begins.
        case begin(filename: String)
        /// Bytes of the file.
        case content(Buffer, Range<Int>)
        /// Bytes of the file that had been mistaken for a delimiter.
        case copied([UInt8])
        /// The file is complete.
        case end
    }

    /// The steps so far.
    private(set) var steps: [Step] = []
    /// The buffer that the socket fills, and how much of it is used.
    private(set) var filling: Buffer?
    private(set) var filledBytes = 0

    /// Whether there is nothing to do.
    var isEmpty: Bool { steps.isEmpty }

    /// Adds a step.
    ///
    /// Bytes that stand behind those of the step before join it, so that a file that came in
    /// several reads is written in one go.
    ///
    /// - Parameter step: what to do after the others.
    mutating func add(_ step: Step) {
        if case .content(let buffer, let range) = step,
            case .content(let before, let rangeBefore)? = steps.last,
            before === buffer, rangeBefore.upperBound == range.lowerBound
        {
            steps[steps.count - 1] = .content(
                buffer,
                rangeBefore.lowerBound..<range.upperBound
            )
        } else {
            steps.append(step)
        }
    }

    /// Lets the buffer be filled again from its beginning; for a piece without steps.
    mutating func rewind() {
        precondition(steps.isEmpty, "a worker may still need the bytes")
        filledBytes = 0
    }

    /// Takes over a buffer whose bytes up to some index are used.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - used: the index behind the last byte that was read into it.
    mutating func adopt(_ buffer: Buffer, used: Int) {
        if filling !== buffer {
            filling = buffer
            buffers.append(buffer)
        }
        filledBytes = used
    }

    /// The buffers that the piece owns, each once.
    private(set) var buffers: [Buffer] = []
}
