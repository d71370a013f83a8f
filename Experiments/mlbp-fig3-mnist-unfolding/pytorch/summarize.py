"""Summarises `trainings.csv` as `summary.csv`: python3 summarize.py [trainings.csv [summary.csv]].

Without names it takes the files beside it and writes the tables of README.md too.

A row for each network of each plan, then one for each difference. A network's error is the mean
over the last ten epochs; the row has its mean over the seeds with a 95 % t interval, and the means
of the final and of the best epoch. Differences are taken seed by seed: in one plan networks with
the same seed share first weights (but for a factor where the gain is matched) and orders of images.
The best epoch is chosen on the test set, so that its error is too low for an estimate.
"""

import csv
import math
import pathlib
import statistics
import sys

LAST = 10
# 97.5 % points of Student's distribution, by degrees of freedom.
STUDENT = {1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 5: 2.5706, 6: 2.4469}
HEADER = [
    "plan", "what", "unit", "seeds", "last_ten_epochs_error", "lower", "upper", "final_error",
    "best_error_chosen_on_test"]


def network(row):
    """The network's name without the plan."""
    if row["gain_matched"] == "1":
        return "feed-forward, gain matched"
    if row["unfoldings"] == "0":
        return "feed-forward"
    return f"{row['method']}, {row['unfoldings']} unfoldings"


def read(path):
    """Errors in percent by plan, network and seed, an entry for each epoch."""
    curves = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            of_plan = curves.setdefault(row["plan"], {})
            of_seed = of_plan.setdefault(network(row), {}).setdefault(int(row["seed"]), [])
            of_seed.append(100 - float(row["test_accuracy_percent"]))
    return curves


def measures(errors):
    """Mean of the last epochs, final and best error of one training."""
    return statistics.fmean(errors[-LAST:]), errors[-1], min(errors)


def row(plan, what, unit, by_seed):
    """A row of `summary.csv` from the measures of each seed."""
    last, final, best = zip(*by_seed)
    count, mean = len(last), statistics.fmean(last)
    half = (
        STUDENT[count - 1] * statistics.stdev(last) / math.sqrt(count) if count > 1 else math.nan)
    numbers = (mean, mean - half, mean + half, statistics.fmean(final), statistics.fmean(best))
    return [plan, what, unit, count] + [f"{number:.3f}" for number in numbers]


def summary(curves):
    """All rows, networks before differences."""
    results = {
        plan: {
            name: {seed: measures(errors) for seed, errors in seeds.items()}
            for name, seeds in networks.items()}
        for plan, networks in curves.items()}
    for plan, networks in results.items():
        for name, seeds in networks.items():
            yield row(plan, name, "percent", seeds.values())
    unfolded = "ml-ista, 6 unfoldings"
    pairs = [
        ("feed-forward", unfolded), ("feed-forward, gain matched", unfolded),
        ("feed-forward", "feed-forward, gain matched")]
    for plan, networks in results.items():
        for one, other in pairs:
            if one in networks and other in networks:
                shared = sorted(networks[one].keys() & networks[other].keys())
                differences = [
                    [a - b for a, b in zip(networks[one][seed], networks[other][seed])]
                    for seed in shared]
                yield row(plan, f"{one} minus {other}", "points", differences)


PLANS = {"july-a": "July A", "july-b": "July B", "later": "later code"}
MARKERS = "<!-- generated: summary -->", "<!-- end: summary -->"


def tables(rows):
    """The rows as two tables in Markdown: networks, then differences."""
    networks = [
        "| plan | network | last ten epochs | final | best, chosen on the test set |",
        "|---|---|---|---|---|"]
    differences = ["| plan | difference, seed by seed | points |", "|---|---|---|"]
    for plan, what, unit, _, mean, lower, upper, final, best in rows:
        line = f"| {PLANS[plan]} | {what} | {mean} [{lower}, {upper}] |"
        if unit == "percent":
            networks.append(f"{line} {final} | {best} |")
        else:
            differences.append(line)
    return "\n".join(networks + [""] + differences)


def main():
    """Reads the command line."""
    folder = pathlib.Path(__file__).resolve().parent
    source = sys.argv[1] if len(sys.argv) > 1 else folder / "trainings.csv"
    target = sys.argv[2] if len(sys.argv) > 2 else folder / "summary.csv"
    rows = list(summary(read(source)))
    with open(target, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER] + rows)
    if len(sys.argv) == 1:
        page = folder / "README.md"
        before, rest = page.read_text().split(MARKERS[0])
        after = rest.split(MARKERS[1])[1]
        page.write_text(f"{before}{MARKERS[0]}\n{tables(rows)}\n{MARKERS[1]}{after}")


if __name__ == "__main__":
    main()
