import HTTP1

/// Fuzzes chunked bodies: whatever comes, the decoder gives data within the input or an
/// `HTTPError`, does not care how the input is cut, and stops exactly behind the body.
///
/// The first byte of the input seeds the cut; the rest is the body and what follows it.
@c(LLVMFuzzerTestOneInput)
public func fuzzChunked(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    // SAFETY: libFuzzer promises `count` readable bytes for the time of this call.
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))
    let input = Array(bytes.dropFirst())
    let whole = decode(input, pieceBytes: max(1, input.count))
    let pieces = decode(input, pieceBytes: 1 + Int(bytes[0]) % 61)
    precondition(whole == pieces, "the cut changed the result:\n\(whole)\n\(pieces)")
    return 0
}

private struct Result: Equatable {
    var data: [UInt8] = []
    var error: HTTPError?
    /// Bytes up to the end of the body, if it has one.
    var bodyBytes: Int?
    var trailers: [String] = []
}

private func decode(_ input: [UInt8], pieceBytes: Int) -> Result {
    var decoder = ChunkedDecoder(limits: HTTPLimits())
    var result = Result()
    var start = 0
    while start < input.count {
        let piece = Array(input[start..<min(start + pieceBytes, input.count)])
        var offset = 0
        do throws(HTTPError) {
            var event = try decoder.next(piece.span, at: &offset)
            while case .data(let range) = event {
                precondition(!range.isEmpty && range.upperBound <= offset && offset <= piece.count)
                result.data += piece[range]
                event = try decoder.next(piece.span, at: &offset)
            }
            if event == .end {
                result.bodyBytes = start + offset
                let trailers = decoder.trailers
                result.trailers = (0..<trailers.count).map {
                    "\(trailers.name(at: $0)):\(trailers.value(at: $0))"
                }
                return result
            }
        } catch {
            precondition(error.offset >= 0 && error.offset <= input.count)
            result.error = error
            return result
        }
        precondition(offset == piece.count, "all is read before more is asked for")
        start += piece.count
    }
    return result
}
