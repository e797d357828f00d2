import Testing
import UV

@Suite struct UVErrorTests {
    @Test(arguments: [
        (UVError.noSpace, "ENOSPC: no space left on device"),
        (.quotaExceeded, "EDQUOT: disk quota exceeded"),
        (.notFound, "ENOENT: no such file or directory"),
        (.exists, "EEXIST: file already exists"),
        (.accessDenied, "EACCES: permission denied"),
        (.readOnly, "EROFS: read-only file system"),
        (.tooManyOpenFiles, "EMFILE: too many open files"),
        (.fileTableFull, "ENFILE: file table overflow"),
        (.io, "EIO: i/o error"),
        (.symbolicLinkLoop, "ELOOP: too many symbolic links encountered"),
        (.wouldBlock, "EAGAIN: resource temporarily unavailable"),
        (.addressInUse, "EADDRINUSE: address already in use"),
        (.canceled, "ECANCELED: operation canceled"),
        (.invalidArgument, "EINVAL: invalid argument"),
        (.notEmpty, "ENOTEMPTY: directory not empty"),
        (.notDirectory, "ENOTDIR: not a directory"),
        (.isDirectory, "EISDIR: illegal operation on a directory"),
        (.badDescriptor, "EBADF: bad file descriptor"),
    ])
    func `prints its name and the system's sentence`(error: UVError, text: String) {
        #expect(error.description == text)
        #expect("\(error.name): \(error.message)" == text)
    }

    @Test func `a number that libuv does not know is printed as a number`() {
        #expect(UVError(code: -9_999).name == "Unknown system error -9999")
    }

    @Test func `errors are equal when their numbers are`() {
        #expect(UVError(code: UVError.exists.code) == .exists)
        #expect(UVError.exists != .notFound)
        #expect(Set([UVError.exists, .exists, .notFound]).count == 2)
    }

    @Test(arguments: [0, 1] as [CInt])
    func `a number that is no error traps`(code: CInt) async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [code] in _ = UVError(code: code) }
        requireMessage("libuv's error numbers are negative", in: result)
    }
}
