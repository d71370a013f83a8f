"""The suite's certified solver, to a relative duality gap of 1e-10."""
from benchopt import BaseSolver
from benchmark_utils.tool import Problem


class Solver(BaseSolver):
    name = "mlcsc-exact"
    sampling_strategy = "run_once"

    def set_objective(self, dictionaries, y, penalties):
        self.problem = Problem(dictionaries, y, penalties)

    def run(self, _):
        self.code = self.problem.solve("exact", "--tolerance", "1e-10")

    def get_result(self):
        return dict(code=self.code)
