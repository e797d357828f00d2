/// What a part says about itself before its content.
package struct PartHead: Hashable, Sendable {
    /// The form field's name, or `nil` when the part does not give one.
    ///
    /// RFC 7578 §4.2 demands it. A part without one cannot be meant for anybody here, so it is
    /// passed on like any other part that nobody asked for.
    package var name: String?

    /// The file's name as the sender knows it, or `nil` when the part is no file.
    ///
    /// Not fit to be a path, a log line or markup: it may contain separators, quotes and line ends.
    /// It is empty when a browser's file input was left empty.
    package var filename: String?

    /// The value of `Content-Type` as it was sent, or `nil`.
    ///
    /// Nothing follows from it here: a file is what its bytes say.
    package var contentType: String?

    /// Makes a head.
    ///
    /// - Parameters:
    ///   - name: the form field's name.
    ///   - filename: the file's name.
    ///   - contentType: the declared type.
    package init(name: String? = nil, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }
}
