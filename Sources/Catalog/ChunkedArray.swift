/// A list that grows by chunks, so that no append ever moves more than one chunk.
///
/// An `Array` of ten million entries copies all of them when it outgrows its memory: a pause that
/// every request would wait for. Here the longest step is the making of one chunk.
///
/// A copy of the value shares all chunks and costs O(1). A full chunk is not written to any more by
/// `append`, so a copy that is held while the original grows costs one copy of the last, partial
/// chunk and of the list of chunks (two thousand references for ten million entries).
struct ChunkedArray<Element> {
    private(set) var chunks: [[Element]] = []
    /// How many elements there are.
    private(set) var count = 0

    private let chunkBits: Int
    private var chunkCapacity: Int { 1 << chunkBits }

    /// Makes an empty list.
    ///
    /// - Parameter chunkBits: a chunk holds 2 to this power elements.
    init(chunkBits: Int) { self.chunkBits = chunkBits }

    subscript(index: Int) -> Element {
        get { chunks[index >> chunkBits][index & (chunkCapacity - 1)] }
        set { chunks[index >> chunkBits][index & (chunkCapacity - 1)] = newValue }
    }

    /// Appends an element.
    ///
    /// - Parameter element: what to append.
    /// - Complexity: O(chunk) at worst, O(1) on average.
    mutating func append(_ element: Element) {
        if count & (chunkCapacity - 1) == 0 {
            var chunk: [Element] = []
            // A first chunk grows on demand: a small list is to stay small.
            if count > 0 { chunk.reserveCapacity(chunkCapacity) }
            chunks.append(chunk)
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }

    /// Takes the last element off.
    ///
    /// - Returns: the element, or `nil` when the list is empty.
    mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        let element = chunks[chunks.count - 1].removeLast()
        if chunks[chunks.count - 1].isEmpty { chunks.removeLast() }
        count -= 1
        return element
    }
}

extension ChunkedArray: Sendable where Element: Sendable {}
