internal import Bytes
internal import UV

/// The changes that share one record and one flush, and those who wait for it.
struct JournalGroup {
    private enum Waiter {
        case images(isNew: [Bool], Completion<Result<[Bool], CatalogError>>)
        case link(Completion<Result<Void, CatalogError>>)
        case refusedImages(CatalogError, Completion<Result<[Bool], CatalogError>>)
        case refusedLink(CatalogError, Completion<Result<Void, CatalogError>>)
    }

    /// What goes into the record, in order.
    private(set) var entries: [JournalEntry] = []
    /// The images that will be known when the record is durable.
    private(set) var pendingImages: Set<BlobID> = []
    /// The links that will be.
    private(set) var pendingLinkCount = 0
    private var estimatedByteCount = 0
    private var waiters: [Waiter] = []

    /// Makes an empty group.
    init() {}

    /// Whether the record is as large as it should become.
    var isFull: Bool { estimatedByteCount >= JournalFormat.recordByteGoal }

    /// Adds the images of a request.
    ///
    /// - Parameters:
    ///   - images: those that are new; a request without any still waits for the record, because
    ///     it may be the record that makes its images known.
    ///   - isNew: the answer for each image of the request.
    ///   - completion: who waits.
    mutating func add(
        _ images: [ImageRecord],
        isNew: [Bool],
        _ completion: Completion<Result<[Bool], CatalogError>>
    ) {
        waiters.append(.images(isNew: isNew, completion))
        guard !images.isEmpty else { return }
        entries.append(.images(images))
        for image in images {
            pendingImages.insert(image.id)
            estimatedByteCount += JournalEntry.imageByteCount + (image.camera?.utf8.count ?? 0)
        }
    }

    /// Adds a link.
    ///
    /// - Parameters:
    ///   - link: the link.
    ///   - completion: who waits.
    mutating func add(_ link: UploadLink, _ completion: Completion<Result<Void, CatalogError>>) {
        waiters.append(.link(completion))
        entries.append(.link(link))
        pendingLinkCount += 1
        estimatedByteCount += JournalEntry.linkByteCount
    }

    /// Notes a refusal, so that it is told in its turn.
    ///
    /// - Parameters:
    ///   - completion: who waits.
    ///   - error: why.
    mutating func refuse(
        _ completion: Completion<Result<[Bool], CatalogError>>,
        _ error: CatalogError
    ) {
        waiters.append(.refusedImages(error, completion))
    }

    /// Notes a refusal, so that it is told in its turn.
    ///
    /// - Parameters:
    ///   - completion: who waits.
    ///   - error: why.
    mutating func refuse(
        _ completion: Completion<Result<Void, CatalogError>>,
        _ error: CatalogError
    ) {
        waiters.append(.refusedLink(error, completion))
    }

    /// Tells everybody that the record is durable and visible.
    consuming func succeed() { resolve(error: nil) }

    /// Tells everybody that nothing of the record happened.
    ///
    /// - Parameter error: why.
    consuming func fail(_ error: CatalogError) { resolve(error: error) }

    private consuming func resolve(error: CatalogError?) {
        for waiter in waiters {
            switch waiter {
            case .images(let isNew, let completion):
                completion.resolve(error.map { .failure($0) } ?? .success(isNew))
            case .link(let completion):
                completion.resolve(error.map { .failure($0) } ?? .success(()))
            case .refusedImages(let refusal, let completion):
                completion.resolve(.failure(refusal))
            case .refusedLink(let refusal, let completion):
                completion.resolve(.failure(refusal))
            }
        }
    }
}
