import Glibc
import Testing

/// Requires that a process that was to trap said why.
func requireMessage(
    _ message: String,
    in result: ExitTest.Result?,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let result else { return }
    let output = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(output.contains(message), sourceLocation: sourceLocation)
}

/// Something to hold weakly: as long as a closure that captured it is kept, it is there.
final class Witness {
    private(set) var touchCount = 0

    func touch() { touchCount += 1 }
}

/// A limit of the process, changed for a while; in exit tests only, since other tests share it.
struct ProcessLimit {
    private let resource: CInt
    // SAFETY: the calls below fill or read variables of ours.
    private let before: rlimit

    /// Lowers the soft limit.
    init(_ resource: __rlimit_resource, to value: UInt) throws {
        self.resource = CInt(resource.rawValue)
        var limit = rlimit()
        let found = unsafe getrlimit(self.resource, &limit)
        try #require(found == 0)
        before = limit
        limit.rlim_cur = rlim_t(value)
        let set = unsafe setrlimit(self.resource, &limit)
        try #require(set == 0)
    }

    /// Sets the limit back to what it was.
    func lift() throws {
        var limit = before
        let set = unsafe setrlimit(resource, &limit)
        try #require(set == 0)
    }
}

/// Lets a write past RLIMIT_FSIZE fail with EFBIG instead of ending the process; in exit tests
/// only.
func ignoreFileSizeSignal() {
    _ = signal(SIGXFSZ, SIG_IGN)
}

/// Makes a symbolic link, which the stores never do and `FileSystem` therefore cannot.
func makeSymbolicLink(to target: String, at path: String) throws {
    // SAFETY: two strings that outlive the call.
    let result = unsafe symlink(target, path)
    try #require(result == 0)
}

/// Whether this is a build with ThreadSanitizer or AddressSanitizer: they keep memory and shadows
/// of their own, which have nothing to say about ours.
let isSanitized = ["__tsan_init", "__asan_init"].contains { (name: String) in
    // SAFETY: only looks the name up.
    unsafe dlsym(nil, name) != nil
}
