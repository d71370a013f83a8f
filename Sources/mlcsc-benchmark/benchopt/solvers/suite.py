"""ML-ISTA, ML-FISTA and ADMM of the suite, by the number of iterations."""
from benchopt import BaseSolver
from benchmark_utils.tool import Problem


class Solver(BaseSolver):
    name = "mlcsc"
    parameters = {"method": ["ml-ista", "ml-fista", "admm"]}
    sampling_strategy = "iteration"

    def set_objective(self, dictionaries, y, penalties):
        self.problem = Problem(dictionaries, y, penalties)
        self.code = self.problem.zeros()

    def run(self, n_iter):
        self.code = self.problem.zeros() if n_iter == 0 else self.problem.solve(
            self.method, "--iterations", str(n_iter), "--tolerance", "1e-300")

    def get_result(self):
        return dict(code=self.code)
