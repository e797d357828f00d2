/// Decides what conditional fields make of a request (RFC 9110 §13).
package enum Preconditions: Hashable, Sendable {
    /// Do what the method says. Whether Range counts is said besides.
    case proceed(rangeApplies: Bool)
    /// Answer 304: the client has the selected representation already.
    case notModified
    /// Answer 412: the representation is not the one that the client means.
    case preconditionFailed

    /// The representation that a request selects, or that there is none.
    package struct Validators: Sendable {
        /// Its entity tag, if it has one.
        package var entityTag: EntityTag?
        /// When it was last modified, if that is known.
        package var lastModified: HTTPDate?
        /// Whether there is a representation at all, for `*`.
        package var exists: Bool

        /// Describes a representation.
        ///
        /// - Parameters:
        ///   - entityTag: its entity tag, if it has one.
        ///   - lastModified: when it was last modified, if that is known.
        ///   - exists: whether there is one at all.
        package init(entityTag: EntityTag?, lastModified: HTTPDate?, exists: Bool = true) {
            self.entityTag = entityTag
            self.lastModified = lastModified
            self.exists = exists
        }
    }

    /// Evaluates the conditional fields in the order of RFC 9110 §13.2.2.
    ///
    /// A condition that cannot be read is ignored where it is a date, as the RFC says, and false
    /// where it is a list of entity tags: no entity tag of ours is in it.
    ///
    /// - Parameters:
    ///   - fields: the request's fields.
    ///   - method: the request's method; Range counts for GET only (§14.2).
    ///   - validators: the selected representation.
    ///   - now: seconds since 1970.
    package init(_ fields: Fields, method: Method, validators: Validators, now: Int64) {
        let evaluation = Evaluation(
            fields: fields,
            isReading: method == .get || method == .head,
            validators: validators,
            now: now
        )
        if let failure = evaluation.failure() {
            self = failure
        } else {
            let hasRange = method == .get && fields.contains(.range)
            self = .proceed(rangeApplies: hasRange && evaluation.ifRangeHolds())
        }
    }
}

/// One evaluation; the steps are numbered as in RFC 9110 §13.2.2.
private struct Evaluation {
    var fields: Fields
    var isReading: Bool
    var validators: Preconditions.Validators
    var now: Int64

    func failure() -> Preconditions? {
        // 1, 2
        if fields.contains(.ifMatch) {
            if !ifMatchHolds() { return .preconditionFailed }
        } else if let date = date(.ifUnmodifiedSince), let modified = validators.lastModified,
            modified > date
        {
            return .preconditionFailed
        }
        // 3, 4
        if fields.contains(.ifNoneMatch) {
            if !ifNoneMatchHolds() { return isReading ? .notModified : .preconditionFailed }
        } else if isReading, let date = date(.ifModifiedSince),
            let modified = validators.lastModified, modified <= date
        {
            return .notModified
        }
        return nil
    }

    /// §13.1.1: strong comparison.
    private func ifMatchHolds() -> Bool {
        switch condition(.ifMatch) {
        case .any: validators.exists
        case .list(let tags): tags.contains { validators.entityTag?.matchesStrongly($0) ?? false }
        case nil: false
        }
    }

    /// §13.1.2: weak comparison; true when nothing matches.
    private func ifNoneMatchHolds() -> Bool {
        switch condition(.ifNoneMatch) {
        case .any: !validators.exists
        case .list(let tags): !tags.contains { validators.entityTag?.matchesWeakly($0) ?? false }
        case nil: true
        }
    }

    /// 5. §13.1.5: an entity tag is compared strongly, a date exactly.
    ///
    /// Our Last-Modified can be trusted as a strong validator only by itself: the RFC wants it to
    /// be at least a second older than the response's Date, so that no second change hides in that
    /// second.
    func ifRangeHolds() -> Bool {
        guard let value = fields.first(.ifRange) else { return true }
        guard fields.count(of: .ifRange) == 1 else { return false }
        if let tag = EntityTag(parsing: value) {
            return validators.entityTag?.matchesStrongly(tag) ?? false
        }
        guard let date = HTTPDate(parsing: value, now: now), let modified = validators.lastModified
        else { return false }
        return date == modified && modified.secondsSince1970 < now
    }

    private func condition(_ name: FieldName) -> EntityTag.Condition? {
        fields.combinedValue(name).flatMap { EntityTag.parseCondition($0) }
    }

    /// A date that is repeated or malformed is ignored (§13.1.3, §13.1.4).
    private func date(_ name: FieldName) -> HTTPDate? {
        guard fields.count(of: name) == 1, let value = fields.first(name) else { return nil }
        return HTTPDate(parsing: value, now: now)
    }
}
