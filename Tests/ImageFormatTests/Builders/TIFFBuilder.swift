import Bytes
import ImageFormat

/// Writes TIFF structures: whole TIFF files, and the EXIF blocks of other formats.
struct TIFFBuilder {
    /// An entry with the bytes of its values, in the structure's byte order.
    struct Entry {
        var tag: UInt16
        var type: UInt16
        var count: UInt64
        var value: [UInt8]
        /// Where the entry says that its value stands, if not where it does.
        var claimedOffset: UInt64?
    }

    var isLittleEndian = true
    var isBig = false
    var entries: [Entry] = []
    /// Bytes between the header and the directory.
    var gapBytes = 0
    /// Writes the values before the directory and not behind it.
    var hasValuesFirst = false
    /// Where the header says that the directory stands, if not where it does.
    var claimedDirectory: UInt64?
    /// How many entries the directory says it has, if not as many as there are.
    var claimedCount: UInt64?
    /// The offset of the next directory, which nobody should follow.
    var nextDirectory: UInt64 = 0

    /// Adds text as cameras write it.
    mutating func add(_ tag: UInt16, text: String, terminator: String = "\0", type: UInt16 = 2) {
        let bytes = Array((text + terminator).utf8)
        entries.append(Entry(tag: tag, type: type, count: UInt64(bytes.count), value: bytes))
    }

    /// Adds one number.
    mutating func add(_ tag: UInt16, short number: UInt16) {
        entries.append(Entry(tag: tag, type: 3, count: 1, value: integer(number)))
    }

    /// Adds one number.
    mutating func add(_ tag: UInt16, long number: UInt32) {
        entries.append(Entry(tag: tag, type: 4, count: 1, value: integer(number)))
    }

    /// Adds one number, in BigTIFF.
    mutating func add(_ tag: UInt16, long8 number: UInt64) {
        entries.append(Entry(tag: tag, type: 16, count: 1, value: integer(number)))
    }

    /// Adds width and height.
    mutating func add(width: UInt16, height: UInt16) {
        add(TIFF.Tag.imageWidth, short: width)
        add(TIFF.Tag.imageLength, short: height)
    }

    /// A structure that names a camera.
    static func camera(make: String? = "Maker", model: String? = "Model 1") -> TIFFBuilder {
        var builder = TIFFBuilder()
        if let make { builder.add(0x010F, text: make) }
        if let model { builder.add(0x0110, text: model) }
        return builder
    }

    /// The structure's bytes.
    func encode() -> [UInt8] {
        let fieldBytes = isBig ? 8 : 4
        let headerBytes = isBig ? 16 : 8
        let entryBytes = isBig ? 20 : 12
        let directoryBytes = (isBig ? 8 : 2) + entries.count * entryBytes + fieldBytes
        let heapBytes = entries.filter { $0.value.count > fieldBytes }.reduce(0) {
            $0 + $1.value.count
        }
        let gapEnd = headerBytes + gapBytes
        let directory = hasValuesFirst ? gapEnd + heapBytes : gapEnd
        var heapOffset = hasValuesFirst ? gapEnd : gapEnd + directoryBytes

        var heap: [UInt8] = []
        var list: [UInt8] = count(claimedCount ?? UInt64(entries.count))
        for entry in entries {
            list += integer(entry.tag) + integer(entry.type) + offset(entry.count)
            if entry.value.count > fieldBytes {
                list += offset(entry.claimedOffset ?? UInt64(heapOffset))
                heap += entry.value
                heapOffset += entry.value.count
            } else {
                list += entry.value + zeros(fieldBytes - entry.value.count)
            }
        }
        list += offset(nextDirectory)

        var bytes = Array((isLittleEndian ? "II" : "MM").utf8)
        bytes += integer(UInt16(isBig ? 43 : 42))
        if isBig { bytes += integer(UInt16(8)) + integer(UInt16(0)) }
        bytes += offset(claimedDirectory ?? UInt64(directory)) + zeros(gapBytes)
        return bytes + (hasValuesFirst ? heap + list : list + heap)
    }

    /// An integer in the structure's byte order.
    func integer<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        var bytes: [UInt8] = []
        if isLittleEndian {
            bytes.appendLittleEndian(value)
        } else {
            bytes.appendBigEndian(value)
        }
        return bytes
    }

    private func offset(_ value: UInt64) -> [UInt8] {
        isBig ? integer(value) : integer(UInt32(truncatingIfNeeded: value))
    }

    private func count(_ value: UInt64) -> [UInt8] {
        isBig ? integer(value) : integer(UInt16(truncatingIfNeeded: value))
    }
}

/// Bytes of value 0.
func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

/// An integer, most significant byte first.
func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(value)
    return bytes
}

/// An integer, least significant byte first.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittleEndian(value)
    return bytes
}
