package import Bytes

/// How much of everything a multipart body may have besides the content of its parts, which is
/// limited by whoever stores it.
package struct MultipartLimits: Hashable, Sendable {
    /// One part's header section, its empty line included.
    ///
    /// A file name of 255 characters may take 3,060 bytes when percent-encoded, and a careful
    /// client sends it twice (`filename` and `filename*`): 8 KiB hold that with room for the rest.
    /// Tomcat allows 512 bytes, python-multipart 4 KiB a field, busboy 16 KiB, Go 10 MB for all
    /// parts.
    package var partHeaderBytes: ByteCount

    /// Fields in one part's header section.
    ///
    /// RFC 7578 §4.8 knows three. Some clients add a length, a digest, an id; 16 leave them room.
    /// python-multipart allows 8, busboy 2,000, Go 10,000 in all parts.
    package var fieldsPerPart: Int

    /// Bytes before the first delimiter.
    ///
    /// No HTTP client writes a preamble; mail programs write a line or two. Peers skip any number
    /// of bytes; 1 KiB makes a wrong boundary known at the start of a body rather than at its end.
    package var preambleBytes: ByteCount

    /// White space between a boundary and the end of its line.
    ///
    /// RFC 2046 §5.1.1 says that composers must not make any and that mail gateways might: those
    /// break lines at 80 columns or earlier, so that 64 are beyond what they add. Peers allow any
    /// number or none (busboy). The bytes have to be kept until the line ends, hence the limit.
    package var transportPaddingBytes: ByteCount

    /// Parts in a body, whatever they are named.
    ///
    /// A part without content costs its sender some 60 bytes, so the body's size alone limits
    /// little. 1,000 is what Go, Starlette and Django (fields) chose.
    package var parts: Int

    /// Sets the limits; each has the default that its own comment reasons for.
    ///
    /// - Parameters:
    ///   - partHeaderBytes: the size of one part's header section.
    ///   - fieldsPerPart: the number of fields in it, at least 1.
    ///   - preambleBytes: what may stand before the first delimiter.
    ///   - transportPaddingBytes: what may stand behind a boundary on its line.
    ///   - parts: the number of parts, at least 1.
    package init(
        partHeaderBytes: ByteCount = .kibibytes(8),
        fieldsPerPart: Int = 16,
        preambleBytes: ByteCount = .kibibytes(1),
        transportPaddingBytes: ByteCount = ByteCount(64),
        parts: Int = 1_000
    ) {
        precondition(fieldsPerPart >= 1 && parts >= 1, "a form without fields carries nothing")
        self.partHeaderBytes = partHeaderBytes
        self.fieldsPerPart = fieldsPerPart
        self.preambleBytes = preambleBytes
        self.transportPaddingBytes = transportPaddingBytes
        self.parts = parts
    }
}
