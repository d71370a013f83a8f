"""The suite's pursuits through its command-line tool.

`MLCSC` names the tool; without it, it is the one that `./run_all.sh` builds. What is timed is what a
user waits for: files are written before, but the process starts, reads them, solves and writes γ.
"""
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[4]
TOOL = os.environ.get("MLCSC", str(ROOT / ".build" / "release" / "mlcsc"))


class Problem:
    """A problem as files."""

    def __init__(self, dictionaries, y, penalties):
        self._folder = tempfile.TemporaryDirectory(prefix="mlcsc-benchopt-")
        folder = Path(self._folder.name)
        self._code = folder / "out" / f"gamma{len(dictionaries)}.npy"
        self._shape = dictionaries[-1].shape[1]
        paths = []
        for i, dictionary in enumerate(dictionaries):
            paths.append(str(folder / f"D{i + 1}.npy"))
            np.save(paths[-1], dictionary)
        np.save(folder / "y.npy", y[:, None])
        self._command = [
            TOOL, "solve", "--json", "--signal", str(folder / "y.npy"), "--output",
            str(folder / "out"), "--dictionary", *paths, "--lambda", *map(repr, map(float, penalties))]

    def solve(self, solver, *options):
        """γ of a solver; zeros without iterations."""
        subprocess.run([*self._command, "--solver", solver, *options],
                       check=True, stdout=subprocess.DEVNULL)
        return np.load(self._code)[:, 0]

    def zeros(self):
        return np.zeros(self._shape)
