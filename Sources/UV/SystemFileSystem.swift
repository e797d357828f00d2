internal import CUV

/// The operating system's files, through libuv's file functions in their blocking form.
///
/// Without a callback those functions run on the calling thread and touch no loop, so they may be
/// called from any thread. See https://docs.libuv.org/en/v1.x/fs.html.
package struct SystemFileSystem: FileSystem {
    // SAFETY: every call below gets a request that lives on the stack of `perform` until it is
    // cleaned up, and a path or buffer that outlives the call; without a callback libuv keeps none
    // of them.

    /// Makes the value; it holds nothing.
    package init() {}

    /// Runs one blocking libuv file function, again when a signal interrupted it.
    ///
    /// - Parameters:
    ///   - call: fills the request and calls the function.
    ///   - use: takes what it needs from the finished request.
    /// - Returns: what `use` made of the request.
    /// - Throws: what the function answered.
    private func perform<Result>(
        _ call: (UnsafeMutablePointer<uv_fs_t>) -> CInt,
        then use: (UnsafeMutablePointer<uv_fs_t>) -> Result
    ) throws(UVError) -> Result {
        var request = unsafe uv_fs_t()
        while true {
            let result = unsafe call(&request)
            // SAFETY: each finished request is cleaned up exactly once, after its last use.
            defer { unsafe uv_fs_req_cleanup(&request) }
            if result == UV_EINTR.rawValue { continue }
            try UVError.check(result)
            return unsafe use(&request)
        }
    }

    private func perform(
        _ call: (UnsafeMutablePointer<uv_fs_t>) -> CInt
    ) throws(UVError) {
        try unsafe perform(call) { _ in }
    }

    package func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor {
        try unsafe perform {
            unsafe uv_fs_open(nil, $0, path, options.flags, CInt(permissions), nil)
        } then: {
            unsafe FileDescriptor(raw: CInt($0.pointee.result))
        }
    }

    package func close(_ file: FileDescriptor) {
        // Not repeated after EINTR: Linux has released the descriptor by then (man 2 close).
        var request = unsafe uv_fs_t()
        unsafe _ = uv_fs_close(nil, &request, file.raw, nil)
        unsafe uv_fs_req_cleanup(&request)
    }

    package func read(
        _ file: FileDescriptor,
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(UVError) -> Int {
        var filled = 0
        while filled < span.count {
            let count = try unsafe span.withUnsafeMutableBytes { bytes throws(UVError) in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                // SAFETY: the buffer covers the unfilled rest of the span, which outlives the call.
                var raw = unsafe uv_buf_t(
                    base: rest.baseAddress?.assumingMemoryBound(to: CChar.self),
                    len: rest.count
                )
                return try unsafe perform {
                    unsafe uv_fs_read(
                        nil,
                        $0,
                        file.raw,
                        &raw,
                        1,
                        Int64(offset) + Int64(filled),
                        nil
                    )
                } then: {
                    unsafe $0.pointee.result
                }
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    package func write(
        _ file: FileDescriptor,
        _ bytes: Span<UInt8>,
        at offset: UInt64
    ) throws(UVError) {
        var written = 0
        while written < bytes.count {
            let count = try unsafe bytes.withUnsafeBytes { bytes throws(UVError) in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
                // SAFETY: the buffer covers the unwritten rest of the span, which outlives the
                // call; libuv only reads from it.
                var raw = unsafe uv_buf_t(
                    base: UnsafeMutableRawPointer(mutating: rest.baseAddress)?
                        .assumingMemoryBound(to: CChar.self),
                    len: rest.count
                )
                return try unsafe perform {
                    unsafe uv_fs_write(
                        nil,
                        $0,
                        file.raw,
                        &raw,
                        1,
                        Int64(offset) + Int64(written),
                        nil
                    )
                } then: {
                    unsafe $0.pointee.result
                }
            }
            // A write of at least one byte that takes none would repeat for ever.
            guard count > 0 else { throw .io }
            written += count
        }
    }

    package func synchronize(_ file: FileDescriptor) throws(UVError) {
        try unsafe perform { unsafe uv_fs_fsync(nil, $0, file.raw, nil) }
    }

    package func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        try unsafe perform { unsafe uv_fs_fdatasync(nil, $0, file.raw, nil) }
    }

    package func beginWriteBack(
        _ file: FileDescriptor,
        _ range: Range<UInt64>
    ) throws(UVError) {
        try UVError.check(
            cuv_begin_write_back(file.raw, Int(range.lowerBound), range.count)
        )
    }

    package func finishWriteBack(
        _ file: FileDescriptor,
        _ range: Range<UInt64>
    ) throws(UVError) {
        while true {
            let result = cuv_finish_write_back(
                file.raw,
                Int(range.lowerBound),
                range.count
            )
            if result == UV_EINTR.rawValue { continue }
            try UVError.check(result)
            return
        }
    }

    package func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        try UVError.check(cuv_synchronize_file_system(file.raw))
    }

    package func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError) {
        try unsafe perform { unsafe uv_fs_ftruncate(nil, $0, file.raw, Int64(sizeBytes), nil) }
    }

    package func lock(_ file: FileDescriptor) throws(UVError) {
        try UVError.check(cuv_lock_exclusively(file.raw))
    }

    package func status(of path: String) throws(UVError) -> FileStatus {
        try unsafe perform {
            unsafe uv_fs_lstat(nil, $0, path, nil)
        } then: {
            unsafe FileStatus($0.pointee.statbuf)
        }
    }

    package func status(of file: FileDescriptor) throws(UVError) -> FileStatus {
        try unsafe perform {
            unsafe uv_fs_fstat(nil, $0, file.raw, nil)
        } then: {
            unsafe FileStatus($0.pointee.statbuf)
        }
    }

    package func link(_ existing: String, to new: String) throws(UVError) {
        try unsafe perform { unsafe uv_fs_link(nil, $0, existing, new, nil) }
    }

    package func rename(_ old: String, to new: String) throws(UVError) {
        try unsafe perform { unsafe uv_fs_rename(nil, $0, old, new, nil) }
    }

    package func remove(_ path: String) throws(UVError) {
        try unsafe perform { unsafe uv_fs_unlink(nil, $0, path, nil) }
    }

    package func makeDirectory(_ path: String, permissions: UInt32) throws(UVError) {
        try unsafe perform { unsafe uv_fs_mkdir(nil, $0, path, CInt(permissions), nil) }
    }

    package func removeDirectory(_ path: String) throws(UVError) {
        try unsafe perform { unsafe uv_fs_rmdir(nil, $0, path, nil) }
    }

    package func list(_ path: String) throws(UVError) -> [String] {
        try unsafe perform {
            unsafe uv_fs_scandir(nil, $0, path, 0, nil)
        } then: { request in
            var names: [String] = []
            var entry = unsafe uv_dirent_t()
            // SAFETY: the name belongs to the request until its clean-up; it is copied before.
            while unsafe uv_fs_scandir_next(request, &entry) != UV_EOF.rawValue {
                guard let name = unsafe entry.name else { continue }
                unsafe names.append(String(cString: name))
            }
            return names
        }
    }
}

extension OpenOptions {
    /// The flags of `open(2)`.
    fileprivate var flags: CInt {
        // Not blocking: it makes no difference to files, and whoever plants a FIFO in the data
        // directory must not hold up a thread for ever.
        var flags = O_CLOEXEC | O_NONBLOCK
        switch (contains(.read), contains(.write)) {
        case (true, true): flags |= O_RDWR
        case (false, true): flags |= O_WRONLY
        case (_, false): flags |= O_RDONLY
        }
        if contains(.create) { flags |= O_CREAT }
        if contains(.exclusive) { flags |= O_EXCL }
        if contains(.truncate) { flags |= O_TRUNC }
        if contains(.directory) { flags |= O_DIRECTORY }
        if contains(.noFollow) { flags |= O_NOFOLLOW }
        return flags
    }
}

extension FileStatus {
    fileprivate init(_ raw: uv_stat_t) {
        let kind: Kind =
            switch raw.st_mode & UInt64(S_IFMT) {
            case UInt64(S_IFREG): .file
            case UInt64(S_IFDIR): .directory
            case UInt64(S_IFLNK): .symbolicLink
            default: .other
            }
        self.init(
            kind: kind,
            sizeBytes: raw.st_size,
            linkCount: raw.st_nlink,
            inode: raw.st_ino,
            permissions: UInt32(raw.st_mode & 0o7777),
            modifiedSeconds: Int64(raw.st_mtim.tv_sec)
        )
    }
}
