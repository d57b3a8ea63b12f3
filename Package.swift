// swift-tools-version:6.2
import PackageDescription

/// Every target of ours: Swift 6 mode, warnings are errors, `any` is written, imports say what they show.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

// What others wrote; docs/ARCHITECTURE.md says what each is for.
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(
  name: "AsyncHTTPClient", package: "async-http-client")
let configuration: Target.Dependency = .product(
  name: "Configuration", package: "swift-configuration")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(
  name: "HummingbirdTesting", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(
  name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
  name: "chat-archive-service",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "archive-service", targets: ["archive-service"]),
    .library(name: "ArchiveCore", targets: ["ArchiveCore"]),
    .library(name: "MongoDriver", targets: ["MongoDriver"]),
    .library(name: "S3Client", targets: ["S3Client"]),
    .library(name: "SMTPClient", targets: ["SMTPClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(
      url: "https://github.com/apple/swift-configuration", from: "1.4.0",
      traits: [.defaults, "YAML"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
  ],
  targets: [
    // System libraries and the thinnest wrappers over them.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CMongoc", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
    .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .target(name: "CCurlShims", dependencies: ["CCurl"]),
    .target(name: "CMongocShims", dependencies: ["CMongoc"]),
    // What an executable tells the C library's allocator at its start.
    .target(name: "CAllocator"),
    // The pages that the server shows, put into the binary by `#embed`.
    .target(name: "CDocsPage", exclude: ["files"]),
    .target(name: "CWebPage", exclude: ["files"]),
    .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: strict),
    // How bytes and dates are written, for modules that do not know each other.
    .target(name: "Encodings", swiftSettings: strict),

    // What a task that waits for a thread of our own needs, for modules that do not know each other.
    .target(name: "Threads", swiftSettings: strict),

    // The archive: values, the log, the segment format, the two storage ports. No I/O.
    .target(
      name: "ArchiveCore",
      dependencies: ["Encodings", "Gzip", crypto, logging],
      swiftSettings: strict),

    // Both storage engines for one machine: SQLite and a directory.
    .target(
      name: "EmbeddedStore",
      dependencies: ["ArchiveCore", "CSQLite", "Encodings"],
      swiftSettings: strict),

    // HTTP over libcurl, one thread for all transfers. Knows nothing of what is sent.
    .target(
      name: "CurlHTTP", dependencies: ["CCurl", "CCurlShims", "Threads"], swiftSettings: strict),

    // An S3 client of its own, usable without the rest.
    .target(
      name: "S3Client",
      dependencies: ["CurlHTTP", "CXML2", "Encodings", crypto, logging],
      swiftSettings: strict),

    // A client for mail servers of its own, usable without the rest.
    .target(
      name: "SMTPClient", dependencies: ["CCurl", "CCurlShims", "Encodings", "Threads"],
      swiftSettings: strict),

    // The object engine for deployments: a bucket.
    .target(
      name: "S3Store",
      dependencies: ["ArchiveCore", "Encodings", "S3Client", crypto, logging],
      swiftSettings: strict),

    // A MongoDB client of its own over libmongoc, usable without the rest.
    .target(
      name: "MongoDriver",
      dependencies: ["CMongoc", "CMongocShims", "Threads", logging],
      swiftSettings: strict),

    // The document engine for deployments: a database of MongoDB.
    .target(
      name: "MongoStore",
      dependencies: ["ArchiveCore", "Encodings", "MongoDriver", logging],
      swiftSettings: strict),

    // Engine.IO and Socket.IO: packets and session machines. Pure: no clock, no I/O.
    .target(name: "RealtimeProtocol", dependencies: ["Encodings"], swiftSettings: strict),

    // Socket.IO over HTTP polling and WebSocket, on event loops. Knows nothing of chats.
    .target(
      name: "RealtimeTransport",
      dependencies: [
        "Encodings", "Gzip", "RealtimeProtocol", crypto, httpTypes, hummingbirdCore, logging,
        nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix,
      ],
      swiftSettings: strict),

    // What uploads and downloads are made of, as values and machines. No I/O.
    .target(
      name: "Uploads",
      dependencies: ["Encodings", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),

    // Transport and use cases, one folder per feature. Depends on no engine.
    .target(
      name: "ArchiveService",
      dependencies: [
        "ArchiveCore", "CDocsPage", "CWebPage", "Encodings", "Gzip", "RealtimeProtocol",
        "RealtimeTransport", "Uploads", crypto, cryptoExtras, httpTypes, hummingbird,
        hummingbirdCore, hummingbirdTLS, jwtKit, logging, nioCore, nioHTTP1, nioHTTPTypes, nioPosix,
        nioSSL, serviceLifecycle,
      ],
      swiftSettings: strict),

    // The only target that knows everything: reads settings, picks the engines, starts.
    .executableTarget(
      name: "archive-service",
      dependencies: [
        "ArchiveCore", "ArchiveService", "CAllocator", "CurlHTTP", "EmbeddedStore", "Encodings",
        "MongoDriver", "MongoStore", "S3Client", "S3Store", "SMTPClient", "Threads",
        "Uploads", argumentParser, configuration, crypto, logging, nioCore, nioPosix,
        serviceLifecycle,
        unixSignals,
      ],
      swiftSettings: strict),

    // For tests only: port contracts, the in-memory oracle, faulty decorators, a clock one moves.
    .target(
      name: "ArchiveTesting",
      dependencies: ["ArchiveCore", nioCore, nioHTTP1, nioPosix],
      swiftSettings: strict),

    // Tools of this repository, run through ./dev.
    .executableTarget(
      name: "archive-bench",
      dependencies: [
        "ArchiveCore", "ArchiveService", "CSQLite", "EmbeddedStore", "Gzip", argumentParser,
        cryptoExtras, hummingbird, jwtKit, logging,
      ],
      path: "Tools/Bench", swiftSettings: strict),
    // Small, so that what is measured is the client.
    .executableTarget(
      name: "archive-bench-s3",
      dependencies: ["CAllocator", "S3Client", crypto, logging],
      path: "Tools/BenchS3", swiftSettings: strict),
    .executableTarget(
      name: "archive-bench-mongo",
      dependencies: ["ArchiveCore", "CAllocator", "MongoDriver", "MongoStore", logging],
      path: "Tools/BenchMongo", swiftSettings: strict),
    // For tools only: a client of Socket.IO for loads of thousands, written apart from the server's side.
    .target(
      name: "LoadClient",
      dependencies: [nioCore, nioPosix],
      path: "Tools/LoadClient", swiftSettings: strict),
    .executableTarget(
      name: "archive-bench-realtime",
      dependencies: ["LoadClient", nioCore, nioPosix],
      path: "Tools/BenchRealtime", swiftSettings: strict),
    .executableTarget(
      name: "archive-bench-relay",
      dependencies: [
        "CAllocator", "RealtimeProtocol", "RealtimeTransport", httpTypes, hummingbirdCore, logging,
        nioCore, nioPosix, serviceLifecycle, unixSignals,
      ],
      path: "Tools/BenchRelay", swiftSettings: strict),
    .executableTarget(
      name: "archive-torture",
      dependencies: [
        "ArchiveCore", "ArchiveTesting", "LoadClient", argumentParser, asyncHTTPClient, nioCore,
        nioHTTP1, nioPosix,
      ],
      path: "Tools/Torture", swiftSettings: strict),

    // Serves the protocols' official test suites: ./dev conformance.
    .executableTarget(
      name: "archive-conformance",
      dependencies: [
        "RealtimeProtocol", "RealtimeTransport", argumentParser, httpTypes, hummingbirdCore,
        logging, nioCore, nioPosix, serviceLifecycle, unixSignals,
      ],
      path: "Tools/Conformance", swiftSettings: strict),
    .testTarget(
      name: "ArchiveCoreTests",
      dependencies: [
        "ArchiveCore", "ArchiveTesting", "Encodings", "Gzip", nioCore, nioHTTP1, nioPosix,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EncodingsTests", dependencies: ["ArchiveTesting", "Encodings"],
      swiftSettings: strict),
    .testTarget(
      name: "RealtimeProtocolTests", dependencies: ["ArchiveTesting", "RealtimeProtocol"],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddedStoreTests", dependencies: ["ArchiveCore", "ArchiveTesting", "EmbeddedStore"],
      swiftSettings: strict),
    .testTarget(
      name: "RealtimeTransportTests",
      dependencies: [
        "Gzip", "RealtimeProtocol", "RealtimeTransport", httpTypes, hummingbirdCore, logging,
        nioCore, nioHTTP1, nioHTTPTypes, nioPosix, serviceLifecycle,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CurlHTTPTests",
      dependencies: ["CurlHTTP", nioCore, nioHTTP1, nioPosix],
      swiftSettings: strict),
    .testTarget(
      name: "S3ClientTests",
      dependencies: [
        "ArchiveTesting", "CurlHTTP", "S3Client", "S3Testing", crypto, logging, nioCore, nioHTTP1,
        nioPosix,
      ],
      swiftSettings: strict),
    // For tests only: the mail server that the environment names, and what it received.
    .target(
      name: "MailTesting", dependencies: ["SMTPClient"], path: "Tests/MailTesting",
      swiftSettings: strict),
    .testTarget(
      name: "SMTPClientTests", dependencies: ["MailTesting", "SMTPClient", "Threads"],
      swiftSettings: strict),
    // For tests only: the S3 servers that the environment names, and places on them.
    .target(
      name: "S3Testing",
      dependencies: ["ArchiveCore", "ArchiveTesting", "CurlHTTP", "S3Client", "S3Store", logging],
      path: "Tests/S3Testing", swiftSettings: strict),
    .testTarget(
      name: "S3StoreTests",
      dependencies: ["ArchiveCore", "ArchiveTesting", "S3Client", "S3Store", "S3Testing", logging],
      swiftSettings: strict),
    .testTarget(
      name: "BSONTests", dependencies: ["ArchiveTesting", "MongoDriver"],
      swiftSettings: strict),
    .testTarget(
      name: "MongoDriverTests",
      dependencies: ["MongoDriver", logging],
      swiftSettings: strict),
    // For tests only: the MongoDB server that the environment names, and databases on it.
    .target(
      name: "MongoTesting",
      dependencies: ["MongoDriver", "MongoStore", logging],
      path: "Tests/MongoTesting", swiftSettings: strict),
    .testTarget(
      name: "MongoStoreTests",
      dependencies: [
        "ArchiveCore", "ArchiveTesting", "EmbeddedStore", "MongoDriver", "MongoStore",
        "MongoTesting", logging,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "UploadsTests",
      dependencies: ["Encodings", "Uploads", crypto],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "archive-service", "ArchiveCore", "ArchiveService", "EmbeddedStore", "MailTesting",
        "MongoDriver", "MongoStore", "MongoTesting", "S3Client", "S3Testing", "SMTPClient",
        "Uploads",
        argumentParser, logging, nioCore, nioPosix,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ArchiveServiceTests",
      dependencies: [
        "ArchiveCore", "ArchiveService", "ArchiveTesting", "EmbeddedStore", "Encodings", "Gzip",
        "MongoDriver", "MongoStore", "MongoTesting", "S3Client", "S3Testing", "Uploads", crypto,
        httpTypes, hummingbird, hummingbirdTesting, jwtKit, logging, nioCore, nioPosix,
        serviceLifecycle,
      ],
      swiftSettings: strict),
  ]
)

// Fuzzers bring a runtime of their own, which an ordinary build must not link: `./dev fuzz` asks for them.
if Context.environment["ARCHIVE_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzzer", path: "Tools/Fuzz/CFuzzer"),
    .executableTarget(
      name: "archive-fuzz",
      dependencies: [
        "CFuzzer", "Gzip", "RealtimeProtocol", "RealtimeTransport", "S3Client", "Uploads",
        nioCore,
      ],
      path: "Tools/Fuzz/Fuzz", swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]),
  ]
}
