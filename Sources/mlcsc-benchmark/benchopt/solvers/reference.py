"""The reference: CVXPY's interior-point solver Clarabel."""
import cvxpy as cp
from benchopt import BaseSolver


class Solver(BaseSolver):
    name = "CVXPY"
    requirements = ["cvxpy"]
    sampling_strategy = "run_once"

    def set_objective(self, dictionaries, y, penalties):
        self.variables = [cp.Variable(d.shape[1]) for d in dictionaries]
        constraints = [
            outer == d @ inner
            for outer, d, inner in zip(self.variables, dictionaries[1:], self.variables[1:])]
        cost = 0.5 * cp.sum_squares(y - dictionaries[0] @ self.variables[0])
        cost += sum(p * cp.norm1(v) for p, v in zip(penalties, self.variables))
        self.problem = cp.Problem(cp.Minimize(cost), constraints)

    def run(self, _):
        self.problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10)

    def get_result(self):
        return dict(code=self.variables[-1].value)
