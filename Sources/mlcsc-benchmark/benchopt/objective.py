"""Multi-layer basis pursuit.

    min over γ of ½‖y − D₁⋯D_L γ‖² + Σ_{i<L} λᵢ ‖D_{i+1}⋯D_L γ‖₁ + λ_L ‖γ‖₁

Sulam, Aberdam, Beck, Elad: On Multi-Layer Basis Pursuit, Efficient Algorithms and Convolutional Neural
Networks, eq. (7). Each λᵢ is a share of the largest entry of |Dᵢᵀ⋯D₁ᵀ y|.
"""
import numpy as np
from benchopt import BaseObjective


class Objective(BaseObjective):
    name = "Multi-layer basis pursuit"
    min_benchopt_version = "1.6"
    requirements = ["numpy"]
    parameters = {"share": [0.02, 0.1]}

    def set_data(self, dictionaries, y):
        self.dictionaries, self.y = dictionaries, y
        self.penalties, correlations = [], y
        for dictionary in dictionaries:
            correlations = dictionary.T @ correlations
            self.penalties.append(self.share * np.abs(correlations).max())

    def evaluate_result(self, code):
        value, inner = 0.0, code
        for dictionary, penalty in zip(self.dictionaries[::-1], self.penalties[::-1]):
            value += penalty * np.abs(inner).sum()
            inner = dictionary @ inner
        residual = self.y - inner
        return dict(value=value + 0.5 * residual @ residual,
                    nonzeros=int(np.count_nonzero(np.abs(code) > 1e-8)))

    def get_one_result(self):
        return dict(code=np.zeros(self.dictionaries[-1].shape[1]))

    def get_objective(self):
        return dict(dictionaries=self.dictionaries, y=self.y, penalties=self.penalties)
