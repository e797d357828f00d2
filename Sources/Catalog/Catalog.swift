package import Bytes
package import UV

/// Knows every image and every upload link, durably.
///
/// The contract of a catalog, whatever is behind it:
///
/// - Each completion is called exactly once, on the given loop, never before the call returned.
/// - What a completion reported as done survives a crash of the process or of the machine.
/// - A request's images become visible together or not at all.
/// - What a completion reported is seen by every call made after it, on whatever loop.
/// - All calls may come from any loop. After `close` each gives an error with code `.closed`.
package protocol Catalog: Sendable {
    /// Adds an upload link; durable when completed.
    ///
    /// - Parameters:
    ///   - link: the link; its id is new.
    ///   - loop: where the completion is called.
    ///   - completion: told when the link survives a crash, or why it was not added.
    func addLink(
        _ link: UploadLink,
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    )

    /// Finds out what an upload link is worth.
    ///
    /// A link is remembered as expired for at least a day (`LinkTable.remembranceSeconds`).
    ///
    /// - Parameters:
    ///   - id: the link's name.
    ///   - now: seconds since 1970.
    ///   - loop: where the completion is called.
    ///   - completion: given what the name stands for.
    func resolveLink(
        _ id: LinkID,
        now: Int64,
        on loop: Loop,
        completion: @escaping (Result<LinkResolution, CatalogError>) -> Void
    )

    /// Looks an image up.
    ///
    /// - Parameters:
    ///   - id: the image's name.
    ///   - loop: where the completion is called.
    ///   - completion: given its record, or `nil` when there is no such image.
    func lookUp(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<ImageRecord?, CatalogError>) -> Void
    )

    /// Finds out which of some images are known.
    ///
    /// - Parameters:
    ///   - ids: the images' names.
    ///   - loop: where the completion is called.
    ///   - completion: given those that are known.
    func known(
        _ ids: [BlobID],
        on loop: Loop,
        completion: @escaping (Result<Set<BlobID>, CatalogError>) -> Void
    )

    /// Adds the images of one request, all or none.
    ///
    /// An image that is known already is left as it is: the first upload counts.
    ///
    /// - Parameters:
    ///   - images: the images, at most `JournalFormat.imageCountLimit`.
    ///   - loop: where the completion is called.
    ///   - completion: told for each image, in the order given, whether it is new. Durable by then.
    func commit(
        _ images: [ImageRecord],
        on loop: Loop,
        completion: @escaping (Result<[Bool], CatalogError>) -> Void
    )

    /// Gives the aggregates over all images.
    ///
    /// - Parameters:
    ///   - today: the UTC day that the last thirty days end with, in days since 1970.
    ///   - loop: where the completion is called.
    ///   - completion: given the aggregates.
    /// - Complexity: O(1) in the number of images.
    func statistics(
        today: Int64,
        on loop: Loop,
        completion: @escaping (Result<Statistics, CatalogError>) -> Void
    )

    /// Gives every image that was known when the call was made, in pages.
    ///
    /// - Parameters:
    ///   - loop: where both closures are called; other work of the loop comes between pages.
    ///   - each: given each page, in turn.
    ///   - completion: told when there are no more.
    func list(
        on loop: Loop,
        each: @escaping ([ImageRecord]) -> Void,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    )

    /// Tries whether changes can be made durable at this moment, and mends what keeps them from it
    /// as far as the disk allows.
    ///
    /// - Parameters:
    ///   - loop: where the completion is called.
    ///   - completion: told that a change would be taken, or why it would not.
    func probeWritable(
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    )

    /// Ends the catalog's work: waits for what is under way, then lets go of its resources.
    ///
    /// - Parameters:
    ///   - loop: where the completion is called.
    ///   - completion: told when all is let go, and what went wrong on the way. Even then nothing
    ///     that was reported as done is lost.
    func close(on loop: Loop, completion: @escaping (Result<Void, CatalogError>) -> Void)
}
