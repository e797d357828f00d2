// swift-tools-version: 6.2
import PackageDescription

/// The rules of the house, the same in every target.
///
/// CONTRIBUTING.md says why each is here.
let house: [SwiftSetting] = [
    // SE-0458: https://www.swift.org/swift-evolution/#?search=SE-0458
    .strictMemorySafety(),
    // SE-0443: https://www.swift.org/swift-evolution/#?search=SE-0443
    .treatAllWarnings(as: .error),
    // SE-0335: https://www.swift.org/swift-evolution/#?search=SE-0335
    .enableUpcomingFeature("ExistentialAny"),
    // SE-0409: https://www.swift.org/swift-evolution/#?search=SE-0409
    .enableUpcomingFeature("InternalImportsByDefault"),
    // SE-0444: https://www.swift.org/swift-evolution/#?search=SE-0444
    .enableUpcomingFeature("MemberImportVisibility"),
    // Performance.md says what these two are worth. Debug builds, and so all tests, keep the checks
    // of exclusive access (SE-0176) at run time; the compiler's own stay on in both.
    .unsafeFlags(
        ["-enforce-exclusivity=unchecked", "-cross-module-optimization"],
        .when(configuration: .release)
    ),
]

/// For the two targets that return spans of memory they own (`Bytes`, `UV`).
let lifetimes: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let package = Package(
    name: "image-service",
    products: [
        .executable(name: "image-service", targets: ["image-service"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // C stops at the door: these two are imported by `UV` and by one file of `ImageFormat`.
        .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CEXIF", pkgConfig: "libexif", providers: [.apt(["libexif-dev"])]),

        // The one file of C: `malloc` with a reserve behind it, for `UV`.
        .target(name: "CReserve"),

        .target(name: "Bytes", swiftSettings: house + lifetimes),
        .target(
            name: "UV",
            dependencies: ["Bytes", "CUV", "CReserve"],
            swiftSettings: house + lifetimes
        ),

        // Bytes in, events out: no input or output in these three.
        .target(name: "HTTP1", dependencies: ["Bytes"], swiftSettings: house),
        .target(name: "Multipart", dependencies: ["Bytes"], swiftSettings: house),
        .target(name: "ImageFormat", dependencies: ["Bytes", "CEXIF"], swiftSettings: house),

        .target(
            name: "BlobStore",
            dependencies: ["Bytes", "UV", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: house
        ),
        .target(name: "Catalog", dependencies: ["Bytes", "UV"], swiftSettings: house),
        .target(
            name: "Server",
            dependencies: [
                "Bytes", "UV", "HTTP1", "Multipart", "ImageFormat", "BlobStore", "Catalog",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // The page's files as they are, carried in the program.
            resources: [.embedInCode("Page")],
            swiftSettings: house
        ),
        .executableTarget(
            name: "image-service",
            dependencies: [
                "Server",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Bytes", "UV", "BlobStore", "Catalog"],
            path: "Tests/TestSupport",
            swiftSettings: house + lifetimes
        ),
        // Measures; not shipped, and named by nothing that is.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Bytes", "UV", "HTTP1", "Multipart", "ImageFormat", "Catalog", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Benchmarks",
            swiftSettings: house
        ),
        .testTarget(
            name: "BytesTests",
            dependencies: ["Bytes", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "UVTests",
            dependencies: ["UV", "Bytes", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "HTTP1Tests",
            dependencies: ["HTTP1", "Bytes", "TestSupport"],
            exclude: ["Differential/verdicts.mjs"],
            swiftSettings: house
        ),
        .testTarget(
            name: "MultipartTests",
            dependencies: ["Multipart", "Bytes", "TestSupport"],
            exclude: ["Cases", "Differential/parse.py"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ImageFormatTests",
            dependencies: ["ImageFormat", "Bytes", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "BlobStoreTests",
            dependencies: ["BlobStore", "Bytes", "UV", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "CatalogTests",
            dependencies: ["Catalog", "Bytes", "UV", "TestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Bytes", "UV", "HTTP1", "BlobStore", "Catalog", "TestSupport",
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "DurabilityTests",
            dependencies: ["Server", "Bytes", "UV", "BlobStore", "Catalog", "TestSupport"],
            swiftSettings: house
        ),
    ],
    swiftLanguageModes: [.v6]
)
