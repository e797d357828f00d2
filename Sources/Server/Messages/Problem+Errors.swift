internal import BlobStore
internal import Catalog
internal import HTTP1
internal import Multipart
internal import UV

/// The one place where errors of other targets become answers.
extension Problem {
    /// What a client is told about a message that breaks RFC 9112.
    ///
    /// - Parameter error: the parser's error.
    init(_ error: HTTPError) {
        let code: ProblemCode =
            switch error.reason {
            case .bareCarriageReturn, .bareLineFeed, .invalidMethod, .invalidRequestLine,
                .invalidTarget, .fragmentInTarget, .invalidVersion, .emptyFieldName,
                .invalidFieldName, .whitespaceBeforeColon, .missingColon, .obsoleteFolding,
                .invalidFieldValue, .missingHost, .repeatedHost, .invalidHost,
                .invalidContentLength, .repeatedContentLength, .bothFramings,
                .transferEncodingInHTTP10, .invalidTransferEncoding, .invalidChunkSize,
                .invalidChunkExtension, .invalidChunkEnd, .forbiddenTrailer:
                .invalidHTTP
            case .unsupportedTransferCoding: .transferCodingUnsupported
            case .methodTooLong: .methodTooLong
            case .targetTooLong: .targetTooLong
            case .fieldSectionTooLarge, .tooManyFields: .headTooLarge
            case .unsupportedExpectation: .expectationFailed
            case .unsupportedVersion: .versionUnsupported
            case .chunkSizeTooLarge, .chunkExtensionsTooLarge: .bodyTooLarge
            }
        self.init(code, error.detail)
    }

    /// What a client is told about a form that breaks RFC 7578.
    ///
    /// - Parameter error: the parser's error.
    init(_ error: MultipartError) {
        let code: ProblemCode =
            switch error {
            case .tooManyParts: .tooManyFiles
            case .partHeaderTooLarge, .tooManyFields: .headTooLarge
            case .missingBoundary, .invalidBoundary, .preambleTooLong, .transportPaddingTooLong,
                .bareLineFeed, .controlCharacter, .obsoleteLineFolding, .malformedField,
                .duplicateField, .missingContentDisposition, .notFormData,
                .malformedContentDisposition, .duplicateParameter, .invalidUTF8,
                .unsupportedTransferEncoding, .endsEarly:
                .invalidMultipart
            }
        self.init(code, error.detail)
    }

    /// What a client is told when files could not be kept.
    ///
    /// - Parameter error: the store's error; the log has it in full.
    init(_ error: BlobStoreError) {
        switch error.code {
        case .noSpace: self = .storageFull
        case .tooManyOpenFiles: self = .openFilesExhausted
        case .outOfMemory: self = .outOfMemory
        case .notFound, .corrupted, .inUse, .discarded, .io: self = .storageFailed
        }
    }

    /// What a client is told when the catalog could not be read or written.
    ///
    /// - Parameter error: the catalog's error; the log has it in full.
    init(_ error: CatalogError) {
        switch error.code {
        case .noSpace, .full: self = .storageFull
        case .closed: self = .shuttingDown
        case .tooManyImages: self = .init(.tooManyFiles, "Send fewer files in one request.")
        case .damaged, .io: self = .storageFailed
        }
    }
}

extension Response {
    /// Makes the response that carries a problem.
    ///
    /// - Parameter problem: what is wrong.
    init(_ problem: Problem) {
        self.init(Status(problem.code.status), type: Problem.mediaType, problem.encode())
        add(.cacheControl, "no-store")
        for field in problem.fields { add(FieldName(field.name), field.value) }
    }
}
