/// One piece of work of a parser, with the input that it works on.
struct ParserCase {
    /// What it is called in the figures.
    let name: String
    /// How often it is run under a tool that counts instructions, which slows it down fiftyfold.
    let countedRuns: Int
    /// Makes what is needed beforehand, and gives the work.
    let prepare: () throws -> Work

    /// What is measured.
    struct Work {
        /// Bytes that go through the parser each time, or `nil` where bytes are not what counts.
        var byteCount: Int?
        /// The work; returns a number that depends on all of it, so that the optimizer, which does
        /// not know the caller, leaves none of it out.
        let run: () throws -> Int
    }

    /// All cases, in the order in which a request meets them.
    static var all: [ParserCase] { http + multipart + imageHeaders + catalog }
}

/// Why a case gave no figure.
struct ParserCaseError: Error, CustomStringConvertible {
    /// What came instead of what was expected.
    let description: String
}
