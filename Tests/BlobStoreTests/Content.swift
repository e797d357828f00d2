import BlobStore
import TestSupport

/// Makes content that differs from any other seed's.
func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
}

/// Tells with which code something fails, `nil` when it does not.
func code<Value>(_ body: () throws -> Value) -> BlobStoreError.Code? {
    do {
        _ = try body()
        return nil
    } catch let error as BlobStoreError {
        return error.code
    } catch {
        preconditionFailure("the store threw something else: \(error)")
    }
}
