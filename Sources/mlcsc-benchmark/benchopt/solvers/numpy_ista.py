"""ML-ISTA in plain NumPy, line by line (B, Algorithm 2); with one layer it is ISTA.

As in the suite, the threshold of layer i is λᵢ times the steps of the layers up to it.
"""
import numpy as np
from benchopt import BaseSolver


def shrink(x, threshold):
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


class Solver(BaseSolver):
    name = "NumPy-ML-ISTA"
    sampling_strategy = "callback"

    def set_objective(self, dictionaries, y, penalties):
        self.dictionaries, self.y = dictionaries, y
        self.steps = [1 / np.linalg.norm(d, 2) ** 2 for d in dictionaries]
        self.thresholds = np.cumprod(self.steps) * penalties

    def run(self, callback):
        self.code = np.zeros(self.dictionaries[-1].shape[1])
        while callback():
            codes = [self.code]
            for dictionary in self.dictionaries[:0:-1]:
                codes.insert(0, dictionary @ codes[0])
            signal = self.y
            for d, code, step, threshold in zip(
                    self.dictionaries, codes, self.steps, self.thresholds):
                signal = shrink(code - step * (d.T @ (d @ code - signal)), threshold)
            self.code = signal

    def get_result(self):
        return dict(code=self.code)
