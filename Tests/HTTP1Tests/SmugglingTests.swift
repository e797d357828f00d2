import HTTP1
import TestSupport
import Testing

/// The page *Request smuggling*, row for row.
@Suite struct `Request smuggling` {
    /// How many rows there are at least: a table that is not found must not pass.
    private static let rowCountMin = 300

    @Test func `the page has its rows, each one once`() throws {
        let forms = try SmugglingForm.all()
        #expect(forms.count >= Self.rowCountMin)
        #expect(Set(forms.map(\.bytes)).count == forms.count)
        #expect(Set(forms.map(\.name)).count == forms.count)
        // A code that is misspelt would be found below; one that is never there, only here.
        let codes = Set(forms.compactMap(\.code))
        #expect(codes.isSubset(of: HTTPError.Reason.allCases.map(\.rawValue)))
        #expect(codes.count >= 20)
        // For programs: what the next test tries.
        let tried = forms.reduce(0) { sum, form in
            sum + Chunking.allCases.reduce(0) { $0 + $1.cuts(of: form.bytes.count).count }
        }
        print("request smuggling: forms=\(forms.count) bad inputs tried=\(tried)")
    }

    @Test(arguments: try SmugglingForm.all())
    func `a form is seen and answered as its row says, under every cut`(_ form: SmugglingForm) {
        let events = RequestTrace().events(form.bytes)
        #expect(events.targets == form.targets)
        #expect(events.answer == form.answer, "\(events)")
    }

    @Test(arguments: try SmugglingForm.all())
    func `nothing behind a refused form is seen`(_ form: SmugglingForm) {
        guard form.code != nil else { return }
        let next = "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let events = RequestTrace().events(form.bytes + Array(next.utf8), under: [.byteByByte])
        #expect(events.targets == form.targets)
        #expect(events.answer == form.answer)
    }
}

extension SmugglingForm {
    /// The code of the refusal, if it is one.
    fileprivate var code: String? {
        guard case .refused(_, let code) = answer else { return nil }
        return code
    }
}

extension [TraceEvent] {
    /// The targets of the heads among the events.
    fileprivate var targets: [String] {
        compactMap { event in
            guard case .head(let summary) = event else { return nil }
            return String(summary.split(separator: " ")[1])
        }
    }

    /// How the events end.
    fileprivate var answer: SmugglingForm.Answer {
        switch last {
        case .error(let reason, _):
            .refused(status: Int(reason.status.code), code: reason.rawValue)
        case .end: .complete
        case .head, .body, nil: .waiting
        }
    }
}
