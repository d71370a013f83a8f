// Claim: images of the reader's own come out of .npy, .npz and IDX files as signals, one a row.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct ImageStackTests {
  @Test("numbers stay as they are, channels stay together")
  func arrays() throws {
    let folder = try TemporaryFolder()
    let values = (0..<24).map { Double($0) - 7.5 }
    for (shape, channels, size) in [
      ([2, 3, 4], 1, Extent(3, 4)), ([2, 3, 2, 2], 3, Extent(2, 2)),
    ] {
      let array = Tensor(shape: shape, elements: values)
      try AtomicFile.write(NumPyFile.data(array), to: folder["a.npy"])
      try AtomicFile.write(
        NumPyArchive.data(["x": array, "y": Tensor(zeros: 1)], path: "a.npz"), to: folder["a.npz"])
      for place in [folder["a.npy"].path, folder["a.npz"].path + ":x"] {
        let stack = try ImageStack(MatrixFile.Place(place))
        #expect(stack.channels == channels && stack.size == size)
        #expect(stack.pixels == Tensor(shape: [2, 12], elements: values))
      }
    }
  }

  @Test("bytes become numbers from 0 to 1, in IDX files and in .npy files alike")
  func bytes() throws {
    let folder = try TemporaryFolder()
    let bytes: [UInt8] = [0, 51, 255, 102]
    try Data([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2] + bytes).write(to: folder["i-ubyte"])
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 2), }\n"
    try Data(
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        + bytes
    ).write(to: folder["i.npy"])
    for name in ["i-ubyte", "i.npy"] {
      let stack = try ImageStack(MatrixFile.Place(folder[name].path))
      #expect(stack.imageShape == "1×2×2")
      #expect(stack.pixels.elements == [0, 0.2, 1, 0.4])
    }
  }

  @Test("a matrix and an empty array are refused with their shape")
  func refusal() throws {
    let folder = try TemporaryFolder()
    for shape in [[4, 4], [0, 4, 4]] {
      try AtomicFile.write(NumPyFile.data(Tensor<Double>(shape: shape)), to: folder["a.npy"])
      let error = #expect(throws: FileError.self) {
        try ImageStack(MatrixFile.Place(folder["a.npy"].path))
      }
      #expect(error?.description.contains("an array of shape \(shape)") == true)
    }
  }
}
