/// Why a file was not recognised as an image, or not yet.
///
/// The reasons are sentences for whoever sent the file: the server puts them into the `files` list
/// of its 415 answer as they are.
package enum ImageFormatError: Error, Equatable, Sendable {
    /// More of the file has to arrive before it can be told what it is.
    case needMoreData
    /// Not one of the formats that the service keeps.
    case unsupported(reason: String)
    /// One of the formats, but its header breaks that format's rules at this byte of the file.
    case damaged(reason: String, offset: UInt64)
    /// The bytes could not be read; says nothing about the image.
    case sourceFailed(String)
}

extension ImageFormatError {
    /// What to tell the client, or `nil` where the file itself is not at fault.
    package var reason: String? {
        switch self {
        case .needMoreData, .sourceFailed: nil
        case .unsupported(let reason), .damaged(let reason, _): reason
        }
    }

    /// The file is all there, and its header reaches past its end.
    static func endsInsideHeader(at offset: UInt64) -> ImageFormatError {
        .damaged(reason: "The file ends inside its header; send it complete.", offset: offset)
    }
}
