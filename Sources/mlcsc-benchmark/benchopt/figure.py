"""Draws the newest result of `benchopt run` as `figure.png`, and stores it as `results.csv`.

For every data set the distance of the objective to the smallest one found, against the time.
"""
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

FOLDER = Path(__file__).resolve().parent
newest = max((FOLDER / "outputs").glob("*.parquet"), key=lambda file: file.stat().st_mtime)
columns = ["dataset_name", "objective_name", "solver_name", "stop_val", "time",
           "objective_value", "objective_nonzeros"]
results = pd.read_parquet(newest)[columns].sort_values(
    ["dataset_name", "objective_name", "solver_name", "stop_val"])
results.to_csv(FOLDER / "results.csv", index=False)

problems = results.groupby(["dataset_name", "objective_name"])
figure, axes = plt.subplots(1, len(problems), figsize=(5 * len(problems), 4.2), squeeze=False)
solvers = sorted(results.solver_name.unique())
for axis, ((dataset, objective), rows) in zip(axes[0], problems):
    best = rows.objective_value.min()
    for number, solver in enumerate(solvers):
        # Without iterations nothing runs.
        runs = rows[(rows.solver_name == solver) & (rows.stop_val > 0)]
        distance = ((runs.objective_value - best) / best).clip(lower=1e-10)  # and what is less
        axis.loglog(runs.time, distance, marker="osd^v*"[number % 6], markersize=5, label=solver)
    axis.set_title(f"{dataset}\n{objective.split('[')[1].rstrip(']')}", fontsize=9)
    axis.set_xlabel("seconds")
    axis.grid(alpha=0.3)
axes[0][0].set_ylabel("relative distance to the best objective")
axes[0][-1].legend(fontsize=8)
figure.tight_layout()
figure.savefig(FOLDER / "figure.png", dpi=110)
