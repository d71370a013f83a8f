"""A digit of MNIST, and the first layers of the convolutional model that comes with the package."""
import gzip
import json
import struct
from pathlib import Path

import numpy as np
from benchopt import BaseDataset

RESOURCES = Path(__file__).resolve().parents[3] / "MLCSCKit" / "Resources"


def matrix(filters, geometry):
    """The convolutional dictionary as a matrix: atoms o·H'W' + q, signals channel-major."""
    size, code, stride = (
        [geometry[key][axis] for axis in ("height", "width")]
        for key in ("signalSize", "codeSize", "stride"))
    count, channels, height, width = filters.shape
    atoms = np.zeros((count, *code, channels, *size))
    for i in range(code[0]):
        for j in range(code[1]):
            top, left = i * stride[0], j * stride[1]
            atoms[:, i, j, :, top:top + height, left:left + width] = filters
    return atoms.reshape(count * code[0] * code[1], -1).T.copy()


class Dataset(BaseDataset):
    name = "Digits"
    parameters = {"filters": [8], "digit": [0]}

    def get_data(self):
        content = (RESOURCES / "ml-csc-mnist.safetensors").read_bytes()
        size = struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8:8 + size])

        def tensor(name):
            first, last = header[name]["data_offsets"]
            numbers = np.frombuffer(content[8 + size + first:8 + size + last], "<f4")
            return numbers.reshape(header[name]["shape"]).astype(float)

        # As many filters of D₁, so that CVXPY finishes; D₂ keeps the channels that are left.
        kept = np.arange(self.filters)
        layers = [tensor("D1")[kept], tensor("D2")[:, kept]]
        dictionaries = [
            matrix(filters, json.loads(header["__metadata__"][f"geometry{i + 1}"]))
            for i, filters in enumerate(layers)]
        # Atoms that lost all their channels stay away.
        used = np.linalg.norm(dictionaries[1], axis=0) > 1e-6
        dictionaries[1] = dictionaries[1][:, used]
        dictionaries[1] /= np.linalg.norm(dictionaries[1], axis=0)
        with gzip.open(RESOURCES / "mnist-t10k-images-idx3-ubyte.gz") as file:
            pixels = np.frombuffer(file.read(), np.uint8)[16:].reshape(-1, 28 * 28)
        return dict(dictionaries=dictionaries, y=pixels[self.digit] / 255)
