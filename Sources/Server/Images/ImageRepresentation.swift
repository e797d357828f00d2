internal import Bytes
internal import Catalog
internal import HTTP1

/// What the header of a response says about an image (RFC 9110 §8).
struct ImageRepresentation {
    /// The image.
    let record: ImageRecord
    /// Its validator: the id itself, since equal ids are equal bytes.
    let entityTag: EntityTag
    /// When it was uploaded first, or now, if that is earlier.
    ///
    /// A clock that was put back leaves uploads in the future, and no response may name a time for
    /// them that is later than its own `Date` (§8.8.2.1).
    let lastModified: HTTPDate

    /// Describes an image.
    ///
    /// - Parameters:
    ///   - record: the image.
    ///   - now: seconds since 1970.
    init(_ record: ImageRecord, now: Int64) {
        self.record = record
        entityTag = EntityTag(record.id.hex)
        lastModified = HTTPDate(secondsSince1970: min(record.firstUpload, now))
    }

    /// The fields of every answer about the image, those of a `304` included (RFC 9110 §15.4.5).
    var validatorFields: [(FieldName, String)] {
        [
            (.eTag, entityTag.description),
            (.lastModified, lastModified.description),
            (.cacheControl, "public, max-age=31536000, immutable"),
        ]
    }

    /// The fields that go with the bytes, whatever type they are sent as.
    ///
    /// The client chose the bytes, so a browser must neither guess another type nor run what it
    /// finds in them.
    var contentFields: [(FieldName, String)] {
        validatorFields + [
            (.acceptRanges, "bytes"),
            (.xContentTypeOptions, "nosniff"),
            (.contentSecurityPolicy, "default-src 'none'; sandbox"),
        ]
    }

    /// All fields of a `200`.
    var fields: [(FieldName, String)] { [(.contentType, record.kind.mediaType)] + contentFields }
}
