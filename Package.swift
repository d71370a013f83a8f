// swift-tools-version: 6.1
import PackageDescription

/// One executable target per figure or table.
///
/// The name is the folder under `Experiments/`, the command and the results folder. To add an experiment, add its folder and one line here.
let experiments: [String] = [
  "adversarial-robustness",
  "dictionary-learning-approximation",
  "dictionary-learning-classification",
  "dictionary-learning-filters",
  "holistic-uniqueness",
  "mlbp-fig1-recovery",
  "mlbp-fig2-solvers",
  "mlbp-fig3-mnist-unfolding",
  "mlbp-fig4-svhn",
  "mlbp-table1-classification",
  "mlbp-theory",
  "mlcsc-theory",
  "mlista-fixed-point",
  "msdcsc-fig1-coherence",
  "msdcsc-fig4-failures",
  "msdcsc-fig8-curves",
  "msdcsc-table3",
  "msdcsc-theory",
  "msdcsc-unfolding-cost",
  "network-theory",
  "projection-bounds",
  "projection-fig2-decomposition",
  "projection-fig3-recovery",
  "rescsc-fig7-degradation",
  "rescsc-table2",
  "thresholding-guarantees",
]

/// What a folder has besides the experiment's own files: a second implementation in Python.
let besides: [String: [String]] = [
  "mlbp-fig3-mnist-unfolding": ["pytorch"], "rescsc-table2": ["pytorch"],
]

let package = Package(
  name: "mlcsc",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "MLCSCKit", targets: ["MLCSCKit"]),
    .executable(name: "mlcsc", targets: ["mlcsc"]),
    .executable(name: "mlcsc-benchmark", targets: ["mlcsc-benchmark"]),
    .executable(name: "mlcsc-fault", targets: ["mlcsc-fault"]),
  ] + experiments.map { .executable(name: $0, targets: [$0]) },
  // Exact versions, so that every clone builds the same sources; `Package.resolved` would name the
  // commits of one server, and a mirror that keeps its tags but not its history could not be used.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-algorithms", exact: "1.2.1"),
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    // For `swift package generate-documentation` alone; nothing links it.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CLBFGS", providers: [.apt(["liblbfgs-dev"]), .brew(["liblbfgs"])]),
    .systemLibrary(
      name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .systemLibrary(
      name: "CMatIO", pkgConfig: "matio",
      providers: [.apt(["libmatio-dev"]), .brew(["libmatio"])]),
    // Inline functions alone; there are no libraries.
    .systemLibrary(name: "CSquareRoot"),
    .systemLibrary(name: "CTileProducts"),
    // What everything needs: random streams, digests, files, statistics, errors.
    .target(
      name: "MLCSCBase",
      dependencies: [
        "COpenBLAS", "CCrypto",
        .product(name: "RealModule", package: "swift-numerics"),
        .product(name: "SwiftCSV", package: "SwiftCSV"),
      ]),
    // The mathematics, without a command line.
    .target(
      name: "MLCSCKit",
      dependencies: [
        "MLCSCBase", "COpenBLAS", "CZlib", "CLBFGS", "CArchive", "CMatIO", "COneDNN",
        "CSquareRoot", "CTileProducts", .product(name: "Algorithms", package: "swift-algorithms"),
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      resources: [.copy("Resources")],
      // OpenMP, from which oneDNN takes its number of threads.
      linkerSettings: [
        .linkedLibrary("gomp", .when(platforms: [.linux])),
        .linkedLibrary("omp", .when(platforms: [.macOS])),
      ]),
    // Experiments of any kind: cells, cache, tables, claims, baselines, reports.
    .target(
      name: "ExperimentSuite",
      dependencies: [
        "MLCSCBase", "COpenBLAS", "CZlib", "COneDNN", "CCrypto", "CArchive", "CMatIO",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      resources: [.copy("Resources")]),
    // Where the two meet: trainings as cells, the papers' settings and printed numbers.
    .target(
      name: "MLCSCStudies",
      dependencies: [
        "MLCSCBase", "MLCSCKit", "ExperimentSuite",
        .product(name: "Algorithms", package: "swift-algorithms"),
      ],
      resources: [.copy("Resources")]),
    .executableTarget(
      name: "mlcsc",
      dependencies: [
        "MLCSCBase", "MLCSCKit", "ExperimentSuite", "MLCSCStudies",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "mlcsc-benchmark",
      dependencies: [
        "MLCSCBase", "MLCSCKit", "ExperimentSuite", "COpenBLAS",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // A script for gnuplot, runs of two kinds of processor, and a benchmark for the Python program
      // benchopt.
      exclude: [
        "benchmark.gp", "benchmark-avx512.csv", "benchmark-avx512.png", "benchmark-avx2.csv",
        "benchmark-avx2.png", "benchopt",
      ]),
    // Damaged files and killed runs, for the tests and, in a long form, for a program of its own.
    .target(
      name: "FaultInjection",
      dependencies: ["MLCSCBase", "MLCSCKit", "ExperimentSuite", "TestSupport"]),
    .executableTarget(
      name: "mlcsc-fault",
      dependencies: [
        "MLCSCBase", "ExperimentSuite", "FaultInjection", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "TestSupport", dependencies: ["MLCSCBase", "MLCSCKit", "CZlib"],
      path: "Tests/TestSupport"),
    .testTarget(
      name: "MLCSCKitTests",
      dependencies: [
        "MLCSCBase", "MLCSCKit", "TestSupport",
        .product(name: "Algorithms", package: "swift-algorithms"),
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      // Read where it lies, beside the program that made it.
      exclude: ["Commands/DegenerateGrid"]),
    .testTarget(
      name: "SuiteTests",
      dependencies: [
        "MLCSCBase", "MLCSCKit", "ExperimentSuite", "MLCSCStudies", "TestSupport",
        "FaultInjection", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .testTarget(
      name: "StudiesTests",
      dependencies: ["MLCSCBase", "MLCSCKit", "ExperimentSuite", "MLCSCStudies", "TestSupport"]),
  ]
    + experiments.map {
      .executableTarget(
        name: $0,
        dependencies: [
          // Named though the others hand it on: what depends on a module that is not named is not built
          // anew where that changes.
          "MLCSCBase", "MLCSCKit", "ExperimentSuite", "MLCSCStudies",
          .product(name: "Algorithms", package: "swift-algorithms"),
          .product(name: "RealModule", package: "swift-numerics"),
        ],
        path: "Experiments/\($0)",
        exclude: ["plot.gp", "README.md"] + (besides[$0] ?? []))
    }
)
