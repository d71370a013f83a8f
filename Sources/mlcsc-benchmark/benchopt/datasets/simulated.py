"""Two random dictionaries and a signal with a known sparse, cosparse code (B, Sec. 2.3)."""
import numpy as np
from benchopt import BaseDataset


class Dataset(BaseDataset):
    name = "Simulated"
    parameters = {"sizes": [(50, 70, 60), (200, 280, 240)]}

    def get_data(self):
        random = np.random.default_rng(1)
        n, m1, m2 = self.sizes
        dictionaries = [random.standard_normal(shape) for shape in ((n, m1), (m1, m2))]
        dictionaries = [d / np.linalg.norm(d, axis=0) for d in dictionaries]
        # Half of γ₂ is used, and as many entries of γ₁ = D₂γ₂ vanish as that leaves room for.
        support = random.choice(m2, m2 // 2, replace=False)
        rows = random.choice(m1, m2 // 2 - 2, replace=False)
        null = np.linalg.svd(dictionaries[1][np.ix_(rows, support)])[2][-2:]
        code = np.zeros(m2)
        code[support] = null.T @ random.standard_normal(2)
        clean = dictionaries[0] @ dictionaries[1] @ code
        noise = random.standard_normal(n)
        noise *= np.linalg.norm(clean) / np.linalg.norm(noise) / np.sqrt(10)  # 10 dB
        return dict(dictionaries=dictionaries, y=clean + noise)
