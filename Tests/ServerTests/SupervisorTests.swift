internal import Catalog
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// How a start fails: with one sentence that says what to do, and with everything given back.
@Suite(.timeLimit(.minutes(10))) struct SupervisorTests {
    private func configuration(_ path: String, port: UInt16 = 0) throws -> Configuration {
        var configuration = try Configuration.read(environment: [
            "API_KEY": "k", "DATA_DIR": path, "WORKERS": "2", "LOG_LEVEL": "critical",
        ])
        configuration.port = port
        return configuration
    }

    private func failure(_ configuration: Configuration) throws -> ServerError? {
        let supervisor = try Supervisor(configuration)
        do throws(ServerError) {
            try supervisor.run()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a port that is taken is named, and nothing of the data is touched`() throws {
        try TemporaryDirectory.with { path in
            let loop = try Loop()
            let other = try TCP(on: loop)
            try other.bind(to: SocketAddress(host: "127.0.0.1", port: 0))
            try other.listen(backlog: 1) { _ in }
            let port = try #require(other.localAddress?.port)
            let error = try #require(try failure(configuration(path, port: port)))
            #expect(error.code == .address)
            #expect(error.message.contains("port \(port)"))
            #expect(error.message.contains("EADDRINUSE"))
            #expect(error.message.contains("set HOST and PORT"))
            let names = try SystemFileSystem().list(path)
            #expect(names == ["lock"])
            other.close()
            loop.run()
        }
    }

    @Test func `a port that another server of this user shares is taken, too`() throws {
        try TemporaryDirectory.with { path in
            let loop = try Loop()
            let address = try SocketAddress(host: "127.0.0.1", port: 0)
            let other = try TCP.sharingPort(of: address, on: loop)
            try other.listen(backlog: 1) { _ in }
            let port = try #require(other.localAddress?.port)
            #expect(try failure(configuration(path, port: port))?.code == .address)
            other.close()
            loop.run()
        }
    }

    @Test func `a data directory that is in use is refused, and stays in use`() throws {
        try TemporaryDirectory.with { path in
            let running = try DataDirectory(path)
            let error = try #require(try failure(configuration(path)))
            #expect(error.code == .dataDirectory)
            #expect(error.message.contains("in use by another process"))
            running.close()
        }
    }

    @Test func `damaged data is refused with the command that repairs it, and unlocked`() throws {
        try TemporaryDirectory.with { path in
            let files = SystemFileSystem()
            let file = try files.open(path + "/snapshot", [.write, .create], permissions: 0o600)
            let garbage = [UInt8](repeating: 0xA5, count: 100)
            try files.write(file, garbage.span, at: 0)
            files.close(file)
            let error = try #require(try failure(configuration(path)))
            #expect(error.code == .damaged)
            #expect(error.message.contains("image-service rebuild"))
            // The lock is free again, so that the repair can run.
            try DataDirectory(path).close()
        }
    }

    @Test func `an address that is not this machine's is named`() throws {
        try TemporaryDirectory.with { path in
            var configuration = try configuration(path)
            // TEST-NET-1 (RFC 5737): nobody has it.
            configuration.host = "192.0.2.1"
            let error = try #require(try failure(configuration))
            #expect(error.code == .address)
            #expect(error.message.contains("192.0.2.1"))
        }
    }
}
