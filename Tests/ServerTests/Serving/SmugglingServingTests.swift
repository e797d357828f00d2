import HTTP1
@testable import Server
import TestSupport
import Testing

/// The page *Request smuggling* on a connection: what the parser sees is what is answered.
@Suite(.timeLimit(.minutes(5))) struct SmugglingServingTests {
    /// How many refusals have to come through: fewer would mean that bodies are not read to where
    /// their framing breaks.
    private static let refusalCountMin = 240

    @Test func `what is seen is answered, what is refused once, and nothing behind it`() throws {
        let forms = try SmugglingForm.all()
        var refusalCount = 0
        try ServerUnderTest.run { server in
            for form in forms {
                let finals = try answers(to: form, from: server)
                refusalCount += check(finals, of: form) ? 1 : 0
            }
        }
        #expect(refusalCount >= Self.refusalCountMin)
    }

    /// Sends a form, with a target that reads its body in place of one that is answered before.
    private func answers(
        to form: SmugglingForm,
        from server: ServerUnderTest
    ) throws -> [Received] {
        let text = Array("POST /1 HTTP/1.1\r\nHost: a\r\n".utf8)
        let reader = "POST /api/generate-upload-link HTTP/1.1\r\nHost: a\r\n"
        var bytes = form.bytes
        if bytes.starts(with: text) {
            let key = "x-api-key: \(ServerUnderTest.key)\r\n"
            bytes.replaceSubrange(0..<text.count, with: Array((reader + key).utf8))
        }
        let client = try server.connect()
        client.headRequests = bytes.starts(with: Array("HEAD ".utf8)) ? [0] : []
        client.send(bytes)
        defer { client.close() }
        try server.run(until: "\(form.name) is answered") {
            let finals = client.responses.count { $0.status >= 200 }
            let isAnswered = form.answer == .complete && finals >= form.targets.count
            return isAnswered || client.ending != nil
                || form.answer == .waiting && client.unsentBytes == 0
        }
        try client.finishSending()
        _ = try client.waitForEnd()
        #expect(client.rest.isEmpty, "\(form.name)")
        return client.responses.filter { $0.status >= 200 }
    }

    /// Checks what came, and tells whether it ends with the form's own refusal.
    private func check(_ finals: [Received], of form: SmugglingForm) -> Bool {
        let isClosing = finals.last?["connection"] == "close"
        for answer in finals.dropLast() { #expect(answer["connection"] != "close") }
        switch form.answer {
        case .complete:
            #expect(finals.count == form.targets.count || isClosing, "\(form.name)")
            #expect(finals.count <= form.targets.count, "\(form.name)")
        case .waiting:
            #expect(finals.count <= form.targets.count, "\(form.name)")
        case .refused(_, let code):
            #expect(isClosing && finals.count <= form.targets.count + 1, "\(form.name)")
            guard let last = finals.last, let reason = HTTPError.Reason(rawValue: code) else {
                return false
            }
            let problem = Problem(HTTPError(reason, at: 0))
            let isRefusal =
                last.status == Int(problem.code.status) && last.code == problem.code.rawValue
                && String(decoding: last.content, as: UTF8.self).contains(reason.detail)
            // A body that is refused is what its request is answered with; a head has its own.
            #expect(isRefusal || finals.count <= form.targets.count, "\(form.name)")
            return isRefusal
        }
        return false
    }
}
