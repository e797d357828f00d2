internal import CUV

/// Lets the process open as many files and connections as the system's hard limit allows; the usual
/// soft limit is 1,024.
package func raiseOpenFileLimit() { cuv_raise_open_file_limit() }

/// The variables that the process was started with.
package enum Environment {
    /// Copies all the variables.
    ///
    /// Wraps `uv_os_environ`.
    ///
    /// - Returns: value by name.
    /// - Throws: what `uv_os_environ` answered, `ENOMEM` for one.
    package static func variables() throws(UVError) -> [String: String] {
        var items: UnsafeMutablePointer<uv_env_item_t>?
        var count: CInt = 0
        try UVError.check(unsafe uv_os_environ(&items, &count))
        // SAFETY: libuv gave `count` items with terminated strings; they are copied, then freed
        // once.
        defer { unsafe uv_os_free_environ(items, count) }
        let list = unsafe UnsafeBufferPointer(start: items, count: Int(count))
        var variables: [String: String] = [:]
        for i in 0..<list.count {
            let item = unsafe list[i]
            unsafe variables[String(cString: item.name)] = String(cString: item.value)
        }
        return variables
    }
}
