internal import Bytes
internal import Catalog
internal import HTTP1

/// What the header of a response says about an image (RFC 9110 §8).
struct ImageRepresentation {
    /// The image.
    let record: ImageRecord
    /// Its validator: the id itself, since equal ids are equal bytes.
    let entityTag: EntityTag

    /// Describes an image.
    ///
    /// - Parameter record: the image.
    init(_ record: ImageRecord) {
        self.record = record
        entityTag = EntityTag(record.id.hex)
    }

    /// The fields of every answer about the image, those of a `304` included (RFC 9110 §15.4.5).
    var validatorFields: [(FieldName, String)] {
        [
            (.eTag, entityTag.description),
            (.lastModified, HTTPDate(secondsSince1970: record.firstUpload).description),
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
