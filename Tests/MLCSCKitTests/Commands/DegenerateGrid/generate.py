#!/usr/bin/env python3
"""Solves the degenerate problems of `DegenerateGridTests` in exact rational arithmetic.

Every input is a double, hence a rational number, and so is every optimum: basis pursuit and its
two-layer form are solved by trying all sign patterns for the one that satisfies the optimality
conditions, OMP and subspace pursuit by their definitions, both without rounding. Nothing of the package
is used. Only ML-ISTA's fixed points with two layers (their objective has no closed form) come from
iterating the formula in NumPy.

    python3 generate.py > degenerate-grid.json
"""
import itertools
import json
import math
from fractions import Fraction as F

import numpy as np


def dot(a, b):
    return sum((x * y for x, y in zip(a, b)), F(0))


def solve(a, b):
    """The solution of a square rational system; None where it is singular."""
    n = len(a)
    rows = [list(r) + [x] for r, x in zip(a, b)]
    for i in range(n):
        pivot = next((r for r in range(i, n) if rows[r][i] != 0), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        inverse = 1 / rows[i][i]
        rows[i] = [x * inverse for x in rows[i]]
        for r in range(n):
            if r != i and rows[r][i] != 0:
                f = rows[r][i]
                rows[r] = [x - f * y for x, y in zip(rows[r], rows[i])]
    return [r[n] for r in rows]


def columns(d):
    return [[F(d[i][j]) for i in range(len(d))] for j in range(len(d[0]))]


def residual(atoms, code, y):
    r = list(y)
    for a, c in zip(atoms, code):
        if c:
            r = [x - c * v for x, v in zip(r, a)]
    return r


def basis_pursuit(atoms, y, penalty, nonnegative=False):
    """A basic optimal code of ½‖y − Dγ‖² + λ‖γ‖₁."""
    m = len(atoms)
    products = [dot(a, y) for a in atoms]
    gram = [[dot(a, b) for b in atoms] for a in atoms]
    for size in range(0, min(m, len(y)) + 1):
        for support in itertools.combinations(range(m), size):
            for signs in itertools.product([1] if nonnegative else [1, -1], repeat=size):
                right = [products[j] - penalty * s for j, s in zip(support, signs)]
                x = solve([[gram[i][j] for j in support] for i in support], right)
                if x is None or (penalty > 0 and any(v * s < 0 for v, s in zip(x, signs))):
                    continue
                if nonnegative and any(v < 0 for v in x):
                    continue
                code = [F(0)] * m
                for j, v in zip(support, x):
                    code[j] = v
                slopes = [dot(a, residual(atoms, code, y)) for a in atoms]
                if all((c if nonnegative else abs(c)) <= penalty for c in slopes):
                    return code
                if penalty == 0:
                    break  # signs do not matter
    raise AssertionError("no sign pattern is optimal")


def objective(atoms, code, y, penalty):
    r = residual(atoms, code, y)
    return dot(r, r) / 2 + penalty * sum(abs(c) for c in code)


def least_squares(atoms, support, y):
    gram = [[dot(atoms[i], atoms[j]) for j in support] for i in support]
    return solve(gram, [dot(atoms[i], y) for i in support])


def independent(atoms, support, more):
    """The support with those of more that do not depend on it, at most as many as dimensions."""
    chosen = list(support)
    for j in more:
        if j not in chosen and len(chosen) < len(atoms[0]):
            if least_squares(atoms, chosen + [j], [F(0)] * len(atoms[0])) is not None:
                chosen.append(j)
    return chosen


def full(m, support, values):
    code = [F(0)] * m
    for j, v in zip(support, values):
        code[j] = v
    return code


def ranked(atoms, r, products=None):
    """Atoms by |dⱼᵀr|/‖dⱼ‖, largest first, without those orthogonal to r."""
    value = {}
    for j, a in enumerate(atoms):
        square = dot(a, a)
        if square > 0 and dot(a, r) != 0:
            value[j] = dot(a, r) ** 2 / square
    return sorted(value, key=lambda j: (-value[j], j))


def omp(atoms, y, k):
    support, code = [], [F(0)] * len(atoms)
    while len(support) < k:
        order = ranked(atoms, residual(atoms, code, y))
        grown = next((g for g in (independent(atoms, support, [j]) for j in order)
                      if len(g) > len(support)), None)
        if grown is None:
            break
        support = grown
        code = full(len(atoms), support, least_squares(atoms, support, y))
    return code


def subspace_pursuit(atoms, y, k):
    k = min(k, len(y))
    best, support = [F(0)] * len(atoms), []
    left = dot(y, y)
    while left > 0:
        order = ranked(atoms, residual(atoms, best, y))[:k]
        merged = independent(atoms, support, order)
        values = least_squares(atoms, merged, y)
        if len(merged) > k:
            size = {j: v * v * dot(atoms[j], atoms[j]) for j, v in zip(merged, values)}
            kept = sorted(merged, key=lambda j: (-size[j], j))[:k]
            merged = [j for j in merged if j in kept]
            values = least_squares(atoms, merged, y)
        code = full(len(atoms), merged, values)
        r = residual(atoms, code, y)
        if dot(r, r) >= left:
            break
        best, support, left = code, merged, dot(r, r)
    return best


def soft(x, t):
    return (abs(x) - t) * (1 if x > 0 else -1) if abs(x) > t else F(0)


def two_layer_pursuit(d1, d2, y, p1, p2):
    """The optimum over γ of ½‖y − D₁D₂γ‖² + λ₁‖D₂γ‖₁ + λ₂‖γ‖₁ by all signs of (D₂γ, γ)."""
    c2 = columns(d2)
    m = len(c2)
    atoms = [residual(columns(d1), [-v for v in c], [F(0)] * len(y)) for c in c2]
    rows = [[c2[j][i] for j in range(m)] for i in range(len(d2))]
    rows += [[F(i == j) for j in range(m)] for i in range(m)]
    penalties = [p1] * len(d2) + [p2] * m
    gram = [[dot(a, b) for b in atoms] for a in atoms]
    products = [dot(a, y) for a in atoms]
    for signs in itertools.product([0, 1, -1], repeat=len(rows)):
        zero = [r for r in range(len(rows)) if signs[r] == 0]
        if len(zero) > m:
            continue  # a system with fewer zeros has the same solution
        g = [sum((penalties[r] * signs[r] * rows[r][j] for r in range(len(rows))), F(0))
             for j in range(m)]
        system = [gram[i] + [rows[r][i] for r in zero] for i in range(m)]
        system += [rows[r] + [F(0)] * len(zero) for r in zero]
        x = solve(system, [products[j] - g[j] for j in range(m)] + [F(0)] * len(zero))
        if x is None or any(abs(q) > penalties[r] for q, r in zip(x[m:], zero)):
            continue
        coded = [dot(row, x[:m]) for row in rows]
        if all(s == 0 or v * s >= 0 for v, s in zip(coded, signs)):
            r = residual(atoms, x[:m], y)
            value = dot(r, r) / 2 + sum(p * abs(v) for p, v in zip(penalties, coded))
            return value, x[:m]
    return None


def ml_ista(d1, d2, y, p1, p2):
    """The fixed point of ML-ISTA with steps 1/‖Dᵢ‖², in ordinary units."""
    d1, d2, y = np.array(d1, float), np.array(d2, float), np.array(y, float)
    s1, s2 = np.linalg.norm(d1, 2) ** -2, np.linalg.norm(d2, 2) ** -2
    g2 = np.zeros(d2.shape[1])
    for _ in range(200_000):
        e1 = d2 @ g2
        z = e1 - s1 * d1.T @ (d1 @ e1 - y)
        g1 = np.sign(z) * np.maximum(abs(z) - s1 * p1, 0)
        z = g2 - s2 * d2.T @ (e1 - g1)
        g2 = np.sign(z) * np.maximum(abs(z) - s1 * s2 * p2, 0)
    return g2


def number(x):
    """A rational as a double; None where it is none, or no normal one."""
    if x == 0:
        return 0.0
    try:
        value = float(x)
    except OverflowError:
        return None
    return value if math.isfinite(value) and abs(value) >= 2.3e-308 else None


def energy(y):
    """½‖y‖²."""
    return number(sum((F(v) ** 2 for v in y), F(0)) / 2)


def scaled(x, s):
    return [scaled(v, s) for v in x] if isinstance(x, list) else x * s


def single_layer_instances():
    rng = np.random.default_rng(15)
    gauss = lambda *shape: np.round(rng.normal(size=shape), 6).tolist()
    d, y = gauss(3, 5), gauss(3)
    tall, ty = gauss(5, 3), gauss(5)
    yield "ordinary", d, y
    yield "more dimensions than atoms", tall, ty
    yield "no signal", d, [0.0, 0, 0]
    for s in (1e-300, 1e-200, 1e-170, 1e-162, 1e-11, 1e155, 1e200, 1e300):
        yield f"signal times {s}", d, scaled(y, s)
    for s in (1e-200, 1e-165, 1e-6, 1e4, 1e155, 1e200):
        yield f"dictionary times {s}", scaled(d, s), y
    yield "both times 1e-140", scaled(d, 1e-140), scaled(y, 1e-140)
    yield "dictionary times 1e-200, signal times 1e200", scaled(d, 1e-200), scaled(y, 1e200)
    a, b, c = gauss(3), gauss(3), gauss(3)
    atoms = lambda *list_: [[atom[i] for atom in list_] for i in range(len(list_[0]))]
    yield "an atom twice", atoms(a, b, a, c), y
    yield "an atom and its negative", atoms(a, [-v for v in a], b), y
    yield "an atom and half of it", atoms(scaled(a, 0.5), a, b), y
    yield "an atom of zeros", atoms(a, [0.0, 0, 0], b, c), y
    yield "only atoms of zeros", [[0.0, 0], [0, 0]], [1.0, 2]
    yield "a sum of two atoms", atoms([1.0, 2, 0], [0.0, 1, 1], [1.0, 3, 1], [2.0, 0, 5]), y
    for e in (1e-3, 1e-4, 1e-5, 1e-6):
        near = [1.0, e, 0]
        yield f"two atoms with a sine of {e}", atoms([1.0, 0, 0], near, [0.0, 0, 1]), [3.0, 2 * e, 1.25]
    yield "atoms of sizes 1e-170 and 1", [[1e-170, 0.0], [0.0, 1.0]], [1.0, 2.0]
    yield "atoms of sizes 1e-6, 1, 1e6", atoms(scaled(a, 1e-6), b, scaled(c, 1e6)), y
    yield "a signal of sizes 1, 1e-20", [[1.0, 0], [0, 1]], [1.0, 1e-20]
    yield "a signal of two atoms", [[1.0, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 1]], [4.0, 9, 3]
    yield "a signal that is an atom", d, [row[2] for row in d]
    yield "a signal orthogonal to all atoms", [[1.0, 2], [0, 0]], [0.0, 3]
    yield "one number", [[2.0]], [3.0]
    yield "one row", [[1.0, -2, 3, 0.5]], [2.0]
    yield "one column", [[1.0], [2], [3]], [1.0, 0, 1]
    yield "the identity", [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]], [3.0, -2, 1]
    yield "equal rows", [[1.0, 2, 3], [1, 2, 3]], [1.0, 2]


def expectation(code, value, unique):
    """What a run must find: an objective, a code where there is only one, or a refusal."""
    numbers = [number(c) for c in code]
    if None in numbers:
        return {"refused": True}
    return {"objective": number(value), "code": numbers if unique else None}


def runs_of_one_layer(d, y):
    atoms, signal = columns(d), [F(v) for v in y]
    m, n = len(atoms), len(y)
    largest = max(abs(dot(a, signal)) for a in atoms)
    penalties = [0.0]
    for fraction in ("1/1000000", "1/1000", "1/10", "1"):
        value = number(largest * F(fraction))
        if value:
            # At the largest product itself rounding decides between zero and 1e-17.
            penalties.append(math.nextafter(value, math.inf) if fraction == "1" else value)
    if largest == 0:
        penalties.append(0.1)
    for index, penalty in enumerate(penalties):
        is_unique = penalty > 0
        code = basis_pursuit(atoms, signal, F(penalty))
        value = objective(atoms, code, signal, F(penalty))
        # Another basic solution on other atoms would show a second optimum.
        flipped = basis_pursuit(atoms[::-1], signal, F(penalty))[::-1]
        is_unique = is_unique and flipped == code
        solvers = ["exact", "fista"]
        # Without a penalty nothing but the tiny atom's gradient, 1e-170, could move it.
        if index in (3, 4) or index == 0 and min(dot(a, a) for a in atoms) > F(1e-100) * largest:
            solvers.append("admm")
        if index in (3, 4):
            solvers += ["ista", "ml-ista", "ml-fista", "layered-bp"]
        for solver in solvers:
            if penalty == 0 and solver == "exact":
                yield solver, ["--lambda", "0"], {"refused": True}
            else:
                yield solver, ["--lambda", repr(penalty)], expectation(code, value, is_unique)
        if index in (1, 3):
            code = basis_pursuit(atoms, signal, F(penalty), nonnegative=True)
            value = objective(atoms, code, signal, F(penalty))
            flipped = basis_pursuit(atoms[::-1], signal, F(penalty), True)[::-1]
            for solver in ("exact", "fista"):
                yield (solver, ["--nonnegative", "--lambda", repr(penalty)],
                       expectation(code, value, flipped == code))
        if index == 3:
            code = [soft(dot(a, signal), F(penalty)) for a in atoms]
            yield ("layered-thresholding", ["--lambda", repr(penalty)],
                   expectation(code, F(0), True) | {"objective": None})
    for k in sorted({1, 2, m}):
        if k > m:
            for solver in ("omp", "projection", "subspace-pursuit"):
                yield solver, ["--sparsity", str(k)], {"refused": True}
            continue
        # Parallel atoms correlate alike: which is chosen is rounding.
        are_parallel = all(independent(atoms, [0], [j]) == [0] for j in range(1, m)) and m > 1
        code = omp(atoms, signal, k)
        r = residual(atoms, code, signal)
        expected = expectation(code, dot(r, r) / 2, not are_parallel)
        yield "omp", ["--sparsity", str(k)], expected
        yield "projection", ["--sparsity", str(k)], expected
        code = subspace_pursuit(atoms, signal, k)
        r = residual(atoms, code, signal)
        yield "subspace-pursuit", ["--sparsity", str(k)], expectation(
            code, dot(r, r) / 2, not are_parallel)


def two_layer_instances():
    rng = np.random.default_rng(16)
    gauss = lambda *shape: np.round(rng.normal(size=shape), 5).tolist()
    d1, d2, y = gauss(4, 3), gauss(3, 3), gauss(4)
    yield "ordinary", d1, d2, y, 0.05, 0.07, 1, 1, 1
    for s in (1e-150, 1e-12, 1e150):
        yield f"signal times {s}", d1, d2, y, 0.05, 0.07, 1, 1, s
    for c in (1e-100, 1e-6, 1e4, 1e7, 1e100):
        yield f"D1 times {c}", d1, d2, y, 0.05, 0.07, c, 1, 1
        yield f"D2 times {c}", d1, d2, y, 0.05, 0.07, 1, c, 1
    yield "large penalties", d1, d2, y, 100.0, 100.0, 1, 1, 1
    yield "small penalties", d1, d2, y, 1e-6, 1e-6, 1, 1, 1
    yield "no penalty on the first layer", d1, d2, y, 0.0, 0.1, 1, 1, 1
    twice = [[r[0], r[1], r[0]] for r in d2]
    yield "an atom of D2 twice", d1, twice, y, 0.05, 0.07, 1, 1, 1
    zero = [[r[0], r[1], 0.0] for r in d1]
    yield "an atom of D1 of zeros", zero, d2, y, 0.05, 0.07, 1, 1, 1
    yield "no signal", d1, d2, [0.0] * 4, 0.05, 0.07, 1, 1, 1


def two_layer_grid():
    for name, d1, d2, y, p1, p2, c1, c2, s in two_layer_instances():
        first, second, signal = scaled(d1, float(c1)), scaled(d2, float(c2)), scaled(y, float(s))
        # γ₁ is of size s/c₁ and γ of size s/(c₁c₂).
        q1, q2 = p1 * s * c1, p2 * s * c1 * c2
        found = two_layer_pursuit(first, second, [F(v) for v in signal], F(q1), F(q2))
        options = ["--lambda", repr(q1), repr(q2)]
        runs = []
        if found:
            value, code = found
            unique = "twice" not in name and "zeros" not in name
            for solver in ("exact", "admm"):
                runs.append((solver, options, expectation(code, value, unique)))
        code = ml_ista(d1, d2, y, p1, p2) * (float(s) / float(c1) / float(c2))
        if "twice" not in name and "zeros" not in name:
            runs.append(("ml-ista", options, {"objective": None, "code": code.tolist()}))
            runs.append(("ml-fista", options, {"objective": None, "code": code.tolist()}))
        yield {"name": name + ", two layers", "layers": [first, second], "signal": signal,
               "energy": energy(signal),
               "runs": [dict(zip(("solver", "options", "expected"), run)) for run in runs]}


def main():
    grid = [
        {"name": name, "layers": [d], "signal": y, "energy": energy(y),
         "runs": [dict(zip(("solver", "options", "expected"), run))
                  for run in runs_of_one_layer(d, y)]}
        for name, d, y in single_layer_instances()]
    grid += list(two_layer_grid())
    print("[\n" + ",\n".join(json.dumps(instance, separators=(",", ":")) for instance in grid) + "\n]")


main()
