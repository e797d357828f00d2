internal import UV

/// Runs one operation after another on a loop, a number of them at a time, and times each.
final class OperationChain {
    /// An operation: given its number and a completion to call once on the loop.
    typealias Operation = (_ number: Int, _ completion: @escaping () -> Void) -> Void

    private let operation: Operation
    private let goesOn: (Int) -> Bool
    private var began = 0
    /// Nanoseconds from the call to its completion.
    private(set) var times: [Double] = []

    private init(_ operation: @escaping Operation, goesOn: @escaping (Int) -> Bool) {
        self.operation = operation
        self.goesOn = goesOn
    }

    /// Runs a number of operations.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - width: how many are under way at a time.
    ///   - loop: the loop; nothing else runs on it.
    ///   - operation: begins one.
    /// - Returns: the time of each, in nanoseconds.
    static func run(
        _ count: Int,
        atOnce width: Int = 1,
        on loop: Loop,
        _ operation: @escaping Operation
    ) -> [Double] {
        run(while: { $0 < count }, atOnce: width, on: loop, operation)
    }

    /// Runs operations one after the other until it is told to stop.
    ///
    /// - Parameters:
    ///   - goesOn: whether to begin the operation with this number.
    ///   - width: how many are under way at a time.
    ///   - loop: the loop.
    ///   - operation: begins one.
    /// - Returns: the time of each, in nanoseconds.
    static func run(
        while goesOn: @escaping (Int) -> Bool,
        atOnce width: Int = 1,
        on loop: Loop,
        _ operation: @escaping Operation
    ) -> [Double] {
        let chain = OperationChain(operation, goesOn: goesOn)
        for _ in 0..<width { chain.next() }
        loop.run()
        return chain.times
    }

    private func next() {
        guard goesOn(began) else { return }
        let number = began
        began += 1
        let start = monotonicNanoseconds()
        operation(number) { [self] in
            times.append(Double(monotonicNanoseconds() - start))
            next()
        }
    }
}
