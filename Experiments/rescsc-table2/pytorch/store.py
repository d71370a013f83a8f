"""Writes the lines of `trainings.jsonl` as files of the suite: python3 store.py TRAININGS FOLDER COMMIT.

The suite's own tables, intervals and verdicts can then be computed from them (`--trainings FOLDER`).
A file has the SHA-256 of what follows, the description of the training as the suite writes it, the
machine, and a record for each epoch. COMMIT is that of this program. Which test images a linear
classifier on the pixels gets right, the suite's yardstick for a network that has learned anything,
does not hang on the network; it is taken from the suite's stored trainings.
"""

import hashlib
import json
import math
import pathlib
import sys

NOTE = (
    "trained by a second implementation, in PyTorch; first weights and orders of images are its own, "
    "activations and products in {}")


def compact(value):
    """JSON as the suite writes it."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def description(training):
    """The suite's description of a training."""
    return {
        "architecture": {"depth": training["depth"], "model": training["model"]},
        "data": training["data"], "seed": training["seed"], "plan": training["plan"]}


def pixels(folder):
    """By data set, which test images a linear classifier gets right."""
    found = {}
    for file in sorted(folder.glob("*.cell")):
        lines = file.read_text().split("\n")
        run, last = json.loads(lines[1].removeprefix("cell ")), json.loads(lines[-1])[-1]
        # Of residual networks by the plan of `standard` alone.
        if "depth" not in run["architecture"] or run["plan"]["epochs"] != 15:
            continue
        if found.setdefault(run["data"], last["rightFromPixels"]) != last["rightFromPixels"]:
            sys.exit(f"{file}: another linear classifier than in the other trainings")
    return found


def records(training, right_from_pixels):
    """The suite's records, one for each epoch; a training that failed has the accuracy of chance."""
    rows = []
    for epoch, row in enumerate(training["epochs"], 1):
        rows.append({
            "epoch": epoch, "trainingLoss": row["training_loss"],
            "trainingAccuracy": row["training_accuracy"], "testLoss": row["test_loss"],
            "testAccuracy": row["test_accuracy"], "learningRate": row["rate"], "consistency": 1})
    count = right_from_pixels["count"]
    rows[-1]["right"] = {"bits": training["right"], "count": count}
    rows[-1]["rightFromPixels"] = right_from_pixels
    # A loss that is no number stays none: the training has failed from there on.
    failed = next((
        i for i, row in enumerate(rows)
        if not all(math.isfinite(row[name]) for name in ("trainingLoss", "testLoss"))), None)
    if failed is not None:
        for row in rows[failed:]:
            row |= {
                "trainingLoss": 2.302585092994046, "testLoss": 2.302585092994046,
                "trainingAccuracy": 0.1, "testAccuracy": 0.1, "isDiverged": True}
        del rows[-1]["right"]
    return rows


def main():
    """Reads the command line."""
    source, folder, commit = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    suite = pathlib.Path(__file__).resolve().parents[3] / "Results" / "trainings"
    right_from_pixels = pixels(suite)
    for line in pathlib.Path(source).read_text().splitlines():
        training = json.loads(line)
        machine = training["machine"] | {"commit": commit, "note": NOTE.format(training["precision"])}
        body = "\n".join((
            "cell " + compact(description(training)), "machines " + compact([machine]),
            compact(records(training, right_from_pixels[training["data"]]))))
        digest = hashlib.sha256(body.encode()).hexdigest()
        name = f"{training['data']}-{training['model']}-{training['depth']}-seed-{training['seed']}"
        (folder / f"{name}.cell").write_text(f"{digest}\n{body}")


if __name__ == "__main__":
    main()
