"""Trains B's networks on MNIST in PyTorch, by the whole of a plan, many at a time on one GPU.

A second implementation of the experiment `mlbp-fig3-mnist-unfolding` and of the part of
`mlbp-table1-classification` on MNIST. Networks, plans, schedules of rho and optimisers are written
out anew, from B and from the authors' public codes. First weights and orders of images come from
PyTorch's own generator, so that no training repeats one of the suite.

    python3 train.py --data FOLDER --output FOLDER [--groups ends,...] [--seeds 3] [--minutes 9]
    python3 train.py --data FOLDER --check FILE.safetensors ...

FOLDER of `--data` holds MNIST's four compressed files (train-images-idx3-ubyte.gz and so on).
The first form needs CUDA. It writes `trainings.csv` (a row for every epoch), `right.json` (which
test digits each network classifies rightly at the end, as bits in base64), `speed.txt`, and the
weights of two networks. `--check` loads networks that the suite stored and counts the test digits
that this implementation classifies rightly with them; it runs on a CPU too.
"""

import argparse
import base64
import csv
import json
import pathlib
import time

import torch
import torch.nn.functional as F

from networks import Network, Plan, load_network, read_digits, save_network

TEST_BATCH = 2000

HEADER = [
    "plan", "method", "unfoldings", "gain_matched", "seed", "epoch", "rho", "training_loss",
    "training_accuracy", "test_loss", "test_accuracy_percent"]

# What is trained together, as (plan, method, unfoldings). "matched" is the feed-forward network
# whose filters are scaled by `Training.match_gain`.
GROUPS = {
    "ends": [
        ("july-a", "ml-ista", 0), ("july-a", "ml-ista", 6),
        ("july-b", "ml-ista", 0), ("july-b", "matched", 0), ("july-b", "ml-ista", 6)],
    "models": [("july-a", "layered-ista", 6), ("july-a", "ml-fista", 6)],
    "even": [("july-a", "ml-ista", 2), ("july-a", "ml-ista", 4)],
    "odd": [("july-a", "ml-ista", 1), ("july-a", "ml-ista", 3), ("july-a", "ml-ista", 5)],
    "later": [
        ("later", "ml-ista", 0), ("later", "ml-ista", 6),
        ("later", "layered-ista", 6), ("later", "ml-fista", 6)],
}


class Training:
    """One network with its plan; on a GPU every step is one replay of a captured graph.

    Trainings with one seed share first weights and orders of images, so that they are compared seed
    by seed.
    """

    def __init__(self, name, plan, method, unfoldings, seed, digits, matched=False):
        self.name, self.plan, self.seed, self.method = name, plan, seed, method
        self.unfoldings, self.matched = unfoldings, matched
        (self.images, self.labels), (self.test_images, self.test_labels) = digits
        device = self.images.device
        self.network = Network(plan, method, unfoldings, device)
        self.network.begin(plan, 7919 * seed)
        if matched:
            self.match_gain()
        self.first_moment = torch.zeros(self.network.count, device=device)
        self.second_moment = torch.zeros(self.network.count, device=device)
        self.steps = torch.zeros((), device=device)
        self.rho, self.rate = torch.zeros((), device=device), torch.zeros((), device=device)
        # The last batch of an epoch is dropped where it is not full.
        self.batches = len(self.images) // plan.batch
        self.order = torch.arange(len(self.images), device=device)
        self.place = torch.zeros((), dtype=torch.long, device=device)
        self.range = torch.arange(plan.batch, device=device)
        self.sums = torch.zeros(2, device=device)
        self.right = torch.zeros(len(self.test_images), dtype=torch.bool, device=device)
        self.test_loss = torch.zeros((), device=device)
        self.history = torch.zeros(plan.epochs, 4, device=device)
        self.generator = torch.Generator(device=device).manual_seed(104729 * seed + 1)
        self.epoch = 0
        self.stream = torch.cuda.Stream() if device.type == "cuda" else None
        if self.stream:
            self.capture()

    def match_gain(self):
        """Scales filters so that the deepest codes begin as large as those of six unfoldings.

        While rho is near 0 and filters are small, T unfoldings multiply the deepest code by about
        C(T + 3, 3), 84 for T = 6. The three layers each take the third root of what is measured.
        """
        other = Network(self.plan, "ml-ista", 6, self.images.device)
        other.begin(self.plan, 7919 * self.seed)
        rho = self.plan.rho(1)
        with torch.no_grad():
            norms = []
            for network in (other, self.network):
                network.scores(network.views(network.vector), self.images[:1000], rho)
                norms.append(network.codes[3].norm())
            for name, view in self.network.views(self.network.vector).items():
                if name.startswith("filters"):
                    view.mul_((norms[0] / norms[1]) ** (1 / 3))

    def step(self):
        """One batch: gradients by PyTorch, then Adam or, for `later`, momentum with decay."""
        plan, network = self.plan, self.network
        index = self.order[self.range + self.place * plan.batch]
        self.place += 1
        images = self.images[index].contiguous(memory_format=torch.channels_last)
        labels = self.labels[index]
        vector = network.vector.detach().requires_grad_()
        scores = network.scores(network.views(vector), images, self.current_rho())
        loss = F.cross_entropy(scores, labels)
        gradient, = torch.autograd.grad(loss, vector)
        self.sums += torch.stack((loss.detach(), (scores.argmax(1) == labels).float().mean()))
        with torch.no_grad():
            if plan.name == "later":
                gradient.add_(network.vector, alpha=1e-5)
                self.first_moment.mul_(0.9).add_(gradient)
                network.vector.sub_(self.rate * self.first_moment)
            else:
                self.steps += 1
                self.first_moment.mul_(0.9).add_(gradient, alpha=0.1)
                self.second_moment.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
                first = 1 - 0.9 ** self.steps
                root = (self.second_moment / (1 - 0.999 ** self.steps)).sqrt()
                network.vector.sub_(
                    self.rate / first * self.first_moment / (root + plan.epsilon))

    def current_rho(self):
        """1 where the plan has no rho, so that the graph has no mixing either."""
        return 1.0 if self.plan.slope is None else self.rho

    def test(self):
        """Loss on the test set, and which of its digits are classified rightly."""
        with torch.no_grad():
            parameters = self.network.views(self.network.vector)
            self.test_loss.zero_()
            for i in range(0, len(self.test_images), TEST_BATCH):
                images = self.test_images[i:i + TEST_BATCH]
                labels = self.test_labels[i:i + TEST_BATCH]
                scores = self.network.scores(parameters, images, self.current_rho())
                self.right[i:i + TEST_BATCH] = scores.argmax(1) == labels
                self.test_loss += F.cross_entropy(scores, labels, reduction="sum")

    def capture(self):
        """Captures a step and a test as graphs, and undoes the steps that this takes."""
        state = (
            self.network.vector, self.first_moment, self.second_moment, self.steps, self.place,
            self.sums)
        saved = [tensor.clone() for tensor in state]
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            for _ in range(2):
                self.step()
            self.test()
        torch.cuda.synchronize()
        self.graph, self.test_graph = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=self.stream):
            self.step()
        with torch.cuda.graph(self.test_graph, stream=self.stream):
            self.test()
        for tensor, old in zip(state, saved):
            tensor.copy_(old)
        torch.cuda.synchronize()

    def on_stream(self):
        """A context in which work goes to this training's own stream."""
        return torch.cuda.stream(self.stream)

    def begin_epoch(self):
        """Sets rho, rate and a new order of images."""
        self.epoch += 1
        self.rho.fill_(self.plan.rho(self.epoch))
        self.rate.fill_(self.plan.rate(self.epoch))
        order = torch.randperm(
            len(self.images), device=self.images.device, generator=self.generator)
        self.order.copy_(order)
        self.place.zero_()
        self.sums.zero_()

    def end_epoch(self):
        """Tests, and notes the means of the epoch."""
        if self.stream:
            self.test_graph.replay()
        else:
            self.test()
        row = self.history[self.epoch - 1]
        row[:2] = self.sums / self.batches
        row[2], row[3] = self.test_loss / len(self.test_images), self.right.float().mean()

    def rows(self):
        """The rows of `trainings.csv` under `HEADER`."""
        for epoch, row in enumerate(self.history[:self.epoch].tolist(), 1):
            yield [
                self.plan.name, self.method, self.unfoldings, int(self.matched), self.seed, epoch,
                f"{self.plan.rho(epoch):.6g}", f"{row[0]:.6g}", f"{row[1]:.5f}", f"{row[2]:.6g}",
                f"{100 * row[3]:.2f}"]

    def right_in_base64(self):
        """Which test digits are classified rightly: a bit each, the first the highest of a byte."""
        octets = self.right.int().view(-1, 8).tolist()
        data = bytes(int("".join(map(str, bits)), 2) for bits in octets)
        return base64.b64encode(data).decode()

    def cost(self):
        """Of a step, in convolutions."""
        each = {"ml-ista": 8, "ml-fista": 8, "layered-ista": 6}[self.method]
        return 3 + each * self.unfoldings


def group(name, seeds, digits):
    """The trainings of a group, seed by seed."""
    return [
        Training(
            f"{plan}-{method}-{unfoldings}-seed-{seed}", Plan(plan),
            "ml-ista" if method == "matched" else method, unfoldings, seed, digits,
            matched=method == "matched")
        for seed in range(1, seeds + 1) for plan, method, unfoldings in GROUPS[name]]


def check(paths, test_set):
    """Prints for each stored network how many test digits it classifies rightly here."""
    images, labels = test_set
    for path in paths:
        network, epoch, plan = load_network(path, images.device)
        parameters, right = network.views(network.vector), 0
        with torch.no_grad():
            for i in range(0, len(images), 1000):
                scores = network.scores(parameters, images[i:i + 1000], plan.rho(epoch))
                right += (scores.argmax(1) == labels[i:i + 1000]).sum().item()
        print(f"{path}: {right} of {len(images)}")


def train(groups, seeds, digits, output, minutes):
    """Trains group after group and stores the results after each, within a limit of time."""
    start = time.time()

    def left():
        return minutes * 60 - (time.time() - start)

    rows, right = [], {}
    speed = open(output / "speed.txt", "w")

    def say(words):
        print(words, flush=True)
        print(words, file=speed, flush=True)

    for name in groups:
        if left() < 20:
            break
        began = time.time()
        active = group(name, seeds, digits)
        planned = active[0].plan.epochs
        say(f"{name}: {len(active)} captured in {time.time() - began:.1f} s")
        began = time.time()
        epochs = 0
        while epochs < planned and left() > 3:
            for training in active:
                with training.on_stream():
                    training.begin_epoch()
            for _ in range(active[0].batches):
                for training in active:
                    with training.on_stream():
                        training.graph.replay()
            for training in active:
                with training.on_stream():
                    training.end_epoch()
            torch.cuda.synchronize()
            epochs += 1
            if epochs in (1, 3, 10, 30, 60, 100):
                each = (time.time() - began) / epochs
                errors = ", ".join(
                    f"{training.name} {100 * (1 - training.history[epochs - 1, 3].item()):.2f}"
                    for training in active)
                say(f"{name}: {epochs} epochs, {each:.2f} s each; errors {errors}")
            if epochs == 3:
                # Rather fewer seeds than a plan that is cut.
                while each * (planned - epochs) > left() - 3:
                    last = max(training.seed for training in active)
                    rest = [training for training in active if training.seed < last]
                    if not rest:
                        break
                    each *= sum(map(Training.cost, rest)) / sum(map(Training.cost, active))
                    active = rest
                    say(f"{name}: seed {last} is left out")
        for training in active:
            rows += list(training.rows())
            right[training.name] = training.right_in_base64()
            if training.name in ("july-a-ml-ista-0-seed-1", "july-a-ml-ista-6-seed-1"):
                save_network(training, output)
        with open(output / "trainings.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER] + rows)
        (output / "right.json").write_text(json.dumps(right))
        del active
    say("end")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--check", nargs="+")
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    digits = read_digits(arguments.data, device)
    if arguments.check:
        check(arguments.check, digits[1])
        return
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(torch.cuda.get_device_name(), "PyTorch", torch.__version__, flush=True)
    train(
        arguments.groups.split(","), arguments.seeds, digits, arguments.output, arguments.minutes)


if __name__ == "__main__":
    main()
