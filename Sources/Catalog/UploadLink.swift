/// Permission to upload until a point in time.
package struct UploadLink: Hashable, Sendable {
    /// Its name, which is the secret.
    package let id: LinkID
    /// The first second, since 1970, in which it is not valid any more.
    package let expiresAt: Int64

    /// Makes a link.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - expiresAt: the first second, since 1970, in which it is not valid any more.
    package init(id: LinkID, expiresAt: Int64) {
        self.id = id
        self.expiresAt = expiresAt
    }
}

/// What the name of a link stands for at a point in time.
package enum LinkResolution: Hashable, Sendable {
    /// Uploads are welcome.
    case valid(UploadLink)
    /// There was such a link, and its time is over.
    case expired
    /// There is no such link, or it expired so long ago that it was forgotten.
    case unknown
}
