// Claim: a file is there whole or not at all, and whatever hinders it is said in one line.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct AtomicFileTests {
  @Test("writing makes the folder, replaces the content and leaves no temporary file")
  func replacement() throws {
    let folder = try TemporaryFolder()
    let file = folder["a/b/c.bin"]
    try AtomicFile.write(Data([1, 2]), to: file)
    try AtomicFile.write(Data([3]), to: file)
    #expect(try AtomicFile.read(file) == Data([3]))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder["a/b"].path) == ["c.bin"])
  }

  @Test("a write that fails at its last step leaves nothing behind")
  func failedRename() throws {
    // A folder that is not empty cannot be replaced by a file.
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder["target/inside"], withIntermediateDirectories: true)
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(Data([1]), to: folder["target"])
    }
    #expect(error?.description.hasPrefix("cannot write \(folder["target"].path): ") == true)
    #expect(folder.names == ["target"])
  }

  @Test("what killed writers left is removed, what living ones write is not")
  func remnants() throws {
    let folder = try TemporaryFolder()
    let ended = Process()
    ended.executableURL = URL(fileURLWithPath: "/bin/sh")
    ended.arguments = ["-c", "exit 0"]
    try ended.run()
    ended.waitUntilExit()
    let (dead, living) = (ended.processIdentifier, getpid())
    let own = AtomicFile.machine
    let other = own == "00000000" ? "00000001" : "00000000"
    let (gone, young, old, ours) = (
      ".a.csv.\(own).\(dead).1.partial", ".a.csv.\(other).\(dead).1.partial",
      ".a.csv.\(other).\(living).2.partial", ".a.csv.\(own).\(living).3.partial"
    )
    let others = ["a.csv", "a.partial", ".hidden", ".a.\(dead).partial"]
    for name in [gone, young, old, ours] + others { try Data("x".utf8).write(to: folder[name]) }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -700)], ofItemAtPath: folder[old].path)
    AtomicFile.removeRemnants(in: folder.url)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(Set(left) == Set([young, ours] + others))
  }

  @Test("a symbolic link stays, and the file that it names gets the content")
  func symbolicLink() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try AtomicFile.write(Data([1]), to: folder["inside/target"])
    // A chain, relative and absolute, and one that names a file that is to come.
    try manager.createSymbolicLink(
      atPath: folder["near"].path, withDestinationPath: "inside/target")
    try manager.createSymbolicLink(at: folder["far"], withDestinationURL: folder["near"])
    try manager.createSymbolicLink(atPath: folder["open"].path, withDestinationPath: "new/file")
    try manager.createSymbolicLink(atPath: folder["loop"].path, withDestinationPath: "loop")
    try AtomicFile.write(Data([2]), to: folder["far"])
    #expect(try AtomicFile.read(folder["inside/target"]) == Data([2]))
    try AtomicFile.write(Data([3]), to: folder["open"])
    #expect(try AtomicFile.read(folder["new/file"]) == Data([3]))
    for name in ["near", "far", "open"] {
      #expect((try? manager.destinationOfSymbolicLink(atPath: folder[name].path)) != nil)
    }
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(Data([4]), to: folder["loop"])
    }
    #expect(error?.description.contains("symbolic links") == true)
  }

  @Test("a device or a pipe is not replaced by a file")
  func noOrdinaryFile() throws {
    let folder = try TemporaryFolder()
    mkfifo(folder["pipe"].path, 0o600)
    #expect(throws: FileError.self) { try AtomicFile.write(Data([1]), to: folder["pipe"]) }
    #expect(throws: FileError.self) {
      try AtomicFile.write(Data([1]), to: URL(fileURLWithPath: "/dev/null"))
    }
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    #expect(folder.names == ["pipe"])
  }

  @Test("a folder that cannot be made is named")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data(), to: folder["file"])
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write(Data([1]), to: folder["file/below.csv"])
    }
    #expect(
      error?.description == "cannot write \(folder["file/below.csv"].path): "
        + "its folder cannot be made there: File exists")
    #expect(folder.names == ["file"])
  }

  @Test("a folder cannot be read as a file")
  func folder() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try AtomicFile.read(folder.url) }
  }

  @Test("a missing resource is an error, not the end of the process")
  func resource() throws {
    #expect(throws: FileError.self) {
      try PackageResources.url("no-such-file", of: "ExperimentSuite")
    }
    _ = try PackageResources.url("style.gp", of: "ExperimentSuite")
  }
}
