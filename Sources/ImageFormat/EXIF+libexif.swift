internal import CEXIF

/// The only file that sees libexif. What goes in is a block that `EXIF.makeBlock` built, of at most
/// 564 bytes and two entries, so that time and memory are bounded whatever was uploaded: measured
/// with 0.6.24 for the largest such block, 0.8 µs, 22 allocations and 1,104 bytes; a hostile block
/// of the 65,534 bytes that libexif would look at took 256 µs and 300,872 bytes. It writes to no
/// log unless it is given one, and it is given none.
extension EXIF {
    /// Reads make and model out of a block.
    ///
    /// The values are taken as stored and not through `exif_entry_get_value`, which formats numbers
    /// into text and stops at a NUL. libexif's own corrections are off: nothing is to be made up.
    ///
    /// Wraps `exif_data_load_data` and `exif_content_get_entry`.
    ///
    /// - Parameter block: `Exif\0\0` and a TIFF structure.
    /// - Returns: the bytes of each value of type ASCII; both `nil` when memory runs out.
    static func readNames(fromBlock block: [UInt8]) -> (make: [UInt8]?, model: [UInt8]?) {
        guard let data = unsafe exif_data_new() else { return (nil, nil) }
        // SAFETY: the only reference, taken above; nothing below keeps a pointer into it.
        defer { unsafe exif_data_unref(data) }
        // SAFETY: `data` is valid until the `defer`; libexif copies what it keeps of the buffer,
        // which is valid for the call and as long as it says.
        unsafe exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION)
        unsafe block.withUnsafeBufferPointer { buffer in
            unsafe exif_data_load_data(data, buffer.baseAddress, UInt32(buffer.count))
        }
        // SAFETY: `ifd` holds one directory for each kind, the main image's first; it is set by
        // `exif_data_new` and lives as long as `data`.
        guard let directory = unsafe data.pointee.ifd.0 else { return (nil, nil) }
        return unsafe (
            value(of: EXIF_TAG_MAKE, in: directory),
            value(of: EXIF_TAG_MODEL, in: directory)
        )
    }

    /// Copies a value out of libexif's memory.
    ///
    /// - Parameters:
    ///   - tag: which one.
    ///   - directory: a directory that is valid during the call.
    /// - Returns: the bytes, or `nil` when there is no such tag of type ASCII.
    @unsafe private static func value(
        of tag: ExifTag,
        in directory: UnsafeMutablePointer<ExifContent>
    ) -> [UInt8]? {
        // SAFETY: the entry belongs to the directory and lives as long; `data` points to `size`
        // bytes.
        guard let entry = unsafe exif_content_get_entry(directory, tag),
            unsafe entry.pointee.format == EXIF_FORMAT_ASCII,
            let bytes = unsafe entry.pointee.data
        else { return nil }
        return unsafe Array(
            UnsafeBufferPointer(start: bytes, count: Int(entry.pointee.size))
        )
    }
}
