// swift-tools-version: 6.3
// SPDX-License-Identifier: LGPL-3.0-or-later
import Glibc
import PackageDescription

// GEGL opens a module, registers it, closes it and opens it again.  The Swift runtime must survive that, so it is
// linked in and the module is pinned in memory.
let pinnedStaticRuntime: [LinkerSetting] = [
  .unsafeFlags(["-static-stdlib", "-Xlinker", "-z", "-Xlinker", "nodelete"])
]

// A program in C.  SwiftPM links it as it does those in Swift, and a second runtime beside the module's would mix with it.
let withoutSwiftRuntime: [LinkerSetting] = [
  .unsafeFlags(["-enable-experimental-feature", "Embedded", "-no-stdlib-rpath"])
]

/// GIMP's plug-in is built where libgimp 2 is found; the rest needs no GIMP.
let hasGimp2 = system("pkg-config --exists gimp-2.0 gimpui-2.0") == 0

/// So is that for GIMP 3.
let hasGimp3 = system("pkg-config --exists gimp-3.0 gimpui-3.0") == 0

/// OpenBLAS is a second reference of the kernels' tests, where it is found; nothing else takes it.
let secondReference: [Target.Dependency] = system("pkg-config --exists openblas") == 0 ? ["COpenBLAS"] : []

let package = Package(
  name: "gegl-inpaint",
  products: [
    .library(name: "gegl-inpaint", type: .dynamic, targets: ["GEGLModule", "InpaintABI"]),
    .executable(name: "inpaint", targets: ["inpaint"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // MARK: - System libraries
    .systemLibrary(
      name: "CGegl", path: "CShim/system/CGegl", pkgConfig: "gegl-0.4", providers: [.apt(["libgegl-dev"])]),
    .systemLibrary(
      name: "CGexiv2", path: "CShim/system/CGexiv2", pkgConfig: "gexiv2", providers: [.apt(["libgexiv2-dev"])]),
    .systemLibrary(name: "CJpeg", path: "CShim/system/CJpeg", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CPng", path: "CShim/system/CPng", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTiff", path: "CShim/system/CTiff", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CWebp", path: "CShim/system/CWebp", pkgConfig: "libwebpmux", providers: [.apt(["libwebp-dev"])]),

    // MARK: - Arithmetic
    .target(name: "CKernels"),
    .target(name: "Memory"),
    .target(name: "Numerics", dependencies: ["CKernels", "Memory"]),

    // MARK: - Files
    .target(name: "Checkpoints", dependencies: ["Memory"]),
    .target(name: "CLIPVocabulary", exclude: ["merges.txt", "LICENSE"]),
    .target(name: "Tokenizers", dependencies: ["CLIPVocabulary"]),

    // MARK: - Models
    .target(name: "Diffusion", dependencies: ["Properties", "Numerics", "Checkpoints"]),
    .target(name: "Layers", dependencies: ["Numerics", "Checkpoints"]),
    .target(
      name: "StableDiffusion", dependencies: ["Diffusion", "Layers", "Numerics", "Checkpoints", "Tokenizers"],
      path: "Sources/Models/StableDiffusion"),
    .target(
      name: "ASUKA", dependencies: ["StableDiffusion", "Layers", "Numerics", "Checkpoints"], path: "Sources/Models/ASUKA"),
    .target(
      name: "SEELE", dependencies: ["StableDiffusion", "Layers", "Numerics", "Checkpoints"], path: "Sources/Models/SEELE"),
    .target(name: "LaMa", dependencies: ["Layers", "Numerics", "Checkpoints"], path: "Sources/Models/LaMa"),

    // MARK: - From request to result
    .target(name: "Properties", exclude: ["README.md", "update.sh"]),
    .target(name: "Imaging", dependencies: ["Numerics"]),
    .target(name: "Planning", dependencies: ["Imaging", "Properties"]),
    .target(
      name: "Engine",
      dependencies: [
        "ASUKA", "LaMa", "SEELE", "StableDiffusion", "Diffusion", "Imaging", "Properties", "Layers", "Numerics", "Checkpoints",
      ]),
    .target(name: "InpaintCABI", path: "CShim/abi"),
    .target(name: "InpaintABI", dependencies: ["Planning", "Engine", "Imaging", "Properties", "Numerics", "InpaintCABI"]),

    // MARK: - Hosts
    .target(
      name: "GEGLModule", dependencies: ["CGegl", "InpaintCABI", "InpaintText"], path: "CShim/gegl",
      cSettings: [
        .headerSearchPath("."),  // gegl-op.h makes an operation's file include itself
        .headerSearchPath("../system/CGegl"),  // gegl-versions.h
        .define("GEGL_OP_BUNDLE"),
        .define("GETTEXT_PACKAGE", to: "\"gegl-inpaint\""),
      ],
      linkerSettings: pinnedStaticRuntime),
    .target(name: "InpaintText", dependencies: ["CGegl"], path: "CShim/text"),
    .target(
      name: "InpaintGraph", dependencies: ["CGegl", "CGexiv2", "CJpeg", "CPng", "CTiff", "CWebp", "InpaintText"],
      path: "CShim/graph",
      cSettings: [
        .headerSearchPath("../abi/include"),  // inpaint_keys.h
        .headerSearchPath("../system/CGegl"),  // gegl-versions.h
      ],
      // libwebpmux names libwebp to static links alone.
      linkerSettings: [.linkedLibrary("m"), .linkedLibrary("webp")]),
    .target(
      name: "InpaintGimp", dependencies: ["CGegl", "InpaintGraph", "InpaintText"], path: "CShim/gimp",
      cSettings: [
        .headerSearchPath("../abi/include"),  // inpaint_keys.h
        .headerSearchPath("../system/CGegl"),  // gegl-versions.h
        .define("GETTEXT_PACKAGE", to: "\"gegl-inpaint\""),
      ]),
    .executableTarget(
      name: "inpaint",
      dependencies: [
        "Engine", "Properties", "StableDiffusion", "Layers", "Numerics", "CKernels", "Checkpoints", "InpaintGraph",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: - Tests
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "CKernelsWide", "TestSupport"] + secondReference),
    .target(
      name: "CKernelsWide", dependencies: ["CKernels"], path: "Tests/CKernelsWide",
      cSettings: [.headerSearchPath("../../Sources/CKernels")]),  // the kernels' source, compiled once more
    .testTarget(name: "NumericsTests", dependencies: ["Numerics", "TestSupport"]),
    .testTarget(name: "LayersTests", dependencies: ["Layers", "Numerics", "Checkpoints", "TestSupport"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "TestSupport"]),
    .testTarget(name: "TokenizersTests", dependencies: ["Tokenizers", "TestSupport"]),
    .testTarget(name: "DiffusionTests", dependencies: ["Diffusion", "Properties", "Numerics", "Checkpoints", "TestSupport"]),
    .testTarget(
      name: "StableDiffusionTests",
      dependencies: ["StableDiffusion", "Diffusion", "Properties", "CKernels", "CKernelsWide", "TestSupport"]),
    .testTarget(name: "ASUKATests", dependencies: ["ASUKA", "TestSupport"]),
    .testTarget(name: "LaMaTests", dependencies: ["LaMa", "TestSupport"]),
    .testTarget(name: "SEELETests", dependencies: ["SEELE", "StableDiffusion", "TestSupport"]),
    .testTarget(name: "PropertiesTests", dependencies: ["Properties"]),
    .testTarget(name: "ImagingTests", dependencies: ["Imaging"]),
    .testTarget(name: "PlanningTests", dependencies: ["Planning", "Imaging", "Properties"]),
    .testTarget(name: "EngineTests", dependencies: ["Engine", "Imaging", "Properties", "TestSupport"]),
    .testTarget(
      name: "InpaintABITests",
      dependencies: [
        "InpaintABI", "InpaintCABI", "Engine", "Planning", "Imaging", "Properties", "CKernels", "CKernelsWide", "TestSupport",
      ]),
    .target(name: "TestSupport", dependencies: ["Numerics", "Checkpoints"], path: "Tests/TestSupport"),
  ]
)

if !secondReference.isEmpty {
  package.targets.append(
    .systemLibrary(
      name: "COpenBLAS", path: "CShim/system/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]))
}

if hasGimp2 {
  package.products.append(.executable(name: "gimp-inpaint", targets: ["gimp-inpaint"]))
  package.targets += [
    .systemLibrary(
      name: "CGimp2", path: "CShim/system/CGimp2", pkgConfig: "gimpui-2.0", providers: [.apt(["libgimp2.0-dev"])]),
    .executableTarget(
      name: "gimp-inpaint", dependencies: ["CGimp2", "InpaintGimp"], path: "CShim/gimp2",
      cSettings: [.define("GETTEXT_PACKAGE", to: "\"gegl-inpaint\"")],
      linkerSettings: withoutSwiftRuntime),
  ]
}

if hasGimp3 {
  package.products.append(.executable(name: "gimp-inpaint-3", targets: ["gimp-inpaint-3"]))
  package.targets += [
    .systemLibrary(
      name: "CGimp3", path: "CShim/system/CGimp3", pkgConfig: "gimpui-3.0", providers: [.apt(["libgimp-3.0-dev"])]),
    .executableTarget(
      name: "gimp-inpaint-3", dependencies: ["CGimp3", "InpaintGimp"], path: "CShim/gimp3",
      cSettings: [.define("GETTEXT_PACKAGE", to: "\"gegl-inpaint\"")],
      linkerSettings: withoutSwiftRuntime),
  ]
}
