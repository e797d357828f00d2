internal import CUV

/// What libuv or the system answered to a call that failed: libuv's negative error number.
///
/// See https://docs.libuv.org/en/v1.x/errors.html.
package struct UVError: Error, Hashable, Sendable {
    /// The number as libuv gives it, always negative.
    package let code: CInt

    /// Takes over an error number.
    ///
    /// - Parameter code: a negative number from libuv, or the negated `errno` of a system call.
    package init(code: CInt) {
        precondition(code < 0, "libuv's error numbers are negative")
        self.code = code
    }

    /// Turns libuv's return convention into an error.
    ///
    /// - Parameter result: what a libuv function returned.
    /// - Returns: `result`, when it is not negative.
    /// - Throws: the error that a negative `result` stands for.
    @discardableResult
    static func check<Value: SignedInteger>(_ result: Value) throws(UVError) -> Value {
        if result < 0 { throw UVError(code: CInt(result)) }
        return result
    }

    /// No space left on the device.
    package static let noSpace = UVError(code: UV_ENOSPC.rawValue)
    /// The user's quota is used up.
    ///
    /// libuv 1.44.2 has no constant for it.
    package static let quotaExceeded = UVError(code: -EDQUOT)
    /// What was asked for does not exist here (`ENOTSUP`).
    package static let notSupported = UVError(code: -ENOTSUP)
    /// No such file or directory.
    package static let notFound = UVError(code: UV_ENOENT.rawValue)
    /// The file exists already.
    package static let exists = UVError(code: UV_EEXIST.rawValue)
    /// Permission denied.
    package static let accessDenied = UVError(code: UV_EACCES.rawValue)
    /// The file system is mounted read-only.
    package static let readOnly = UVError(code: UV_EROFS.rawValue)
    /// The process has no file descriptor left.
    package static let tooManyOpenFiles = UVError(code: UV_EMFILE.rawValue)
    /// The system has no file descriptor left.
    package static let fileTableFull = UVError(code: UV_ENFILE.rawValue)
    /// The system has no memory for it, or a limit forbids it.
    package static let outOfMemory = UVError(code: UV_ENOMEM.rawValue)
    /// Input or output failed at the device.
    package static let io = UVError(code: UV_EIO.rawValue)
    /// A path component is a symbolic link where none is followed.
    package static let symbolicLinkLoop = UVError(code: UV_ELOOP.rawValue)
    /// The resource is held by another (a lock, for one).
    package static let wouldBlock = UVError(code: UV_EAGAIN.rawValue)
    /// The address is in use.
    package static let addressInUse = UVError(code: UV_EADDRINUSE.rawValue)
    /// The operation was given up because its handle was closed.
    package static let canceled = UVError(code: UV_ECANCELED.rawValue)
    /// An argument makes no sense to the system.
    package static let invalidArgument = UVError(code: UV_EINVAL.rawValue)
    /// The directory is not empty.
    package static let notEmpty = UVError(code: UV_ENOTEMPTY.rawValue)
    /// The file is not a directory.
    package static let notDirectory = UVError(code: UV_ENOTDIR.rawValue)
    /// The file is a directory.
    package static let isDirectory = UVError(code: UV_EISDIR.rawValue)
    /// The descriptor is not open.
    package static let badDescriptor = UVError(code: UV_EBADF.rawValue)

    /// The name of the error, such as `ENOENT`.
    package var name: String {
        if self == .quotaExceeded { return "EDQUOT" }
        // SAFETY: `text` lends memory of the size that it names.
        return unsafe text { unsafe uv_err_name_r(code, $0, $1) }
    }

    /// The system's sentence for the error.
    package var message: String {
        if self == .quotaExceeded { return "disk quota exceeded" }
        // SAFETY: as in `name`.
        return unsafe text { unsafe uv_strerror_r(code, $0, $1) }
    }

    /// Room for libuv's longest text, which has 64 bytes; longer ones would be cut.
    private static let textCapacity = 128

    /// Takes a text from a function that writes it into memory of ours: the plain functions
    /// allocate a string for each unknown number and never free it.
    private func text(
        _ write: (UnsafeMutablePointer<CChar>, Int) -> UnsafeMutablePointer<CChar>?
    ) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.textCapacity) { text in
            // SAFETY: both functions write at most the given number of bytes, terminated.
            guard let base = text.baseAddress, unsafe write(base, text.count) != nil else {
                return ""
            }
            return unsafe String(cString: base)
        }
    }
}

extension UVError: CustomStringConvertible {
    package var description: String { "\(name): \(message)" }
}
