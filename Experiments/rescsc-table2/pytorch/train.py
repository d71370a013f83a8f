"""Trains R's residual networks in PyTorch, many at a time on one GPU.

A second implementation of the profile `standard` of `rescsc-table2` and `rescsc-fig7-degradation`:
one cycle of fifteen epochs. Networks, schedule, augmentation and optimiser are written out anew. First
weights and orders of images come from PyTorch's own generator, so that no training repeats one of
the suite.

    python3 train.py --data FOLDER --output FOLDER [--groups svhn,usual,...] [--seeds 3] [--minutes 9]
    python3 train.py --data FOLDER --check FILE.safetensors ...

FOLDER of `--data` holds `cifar-10-batches-bin/` and SVHN's `test_32x32.mat`. The first form needs
CUDA and writes `trainings.jsonl`, a line for each training with its records by epoch. `--check` loads
networks that the suite stored and counts the test images that this implementation classifies
rightly with them; it runs on a CPU too.
"""

import argparse
import base64
import json
import math
import pathlib
import time

import torch
import torch.nn.functional as F

from networks import MODELS, ResidualNetwork, load_network, read_cifar10, read_svhn

TEST_BATCH = 500
BATCH, EPOCHS, RATE, MOMENTUM, DECAY = 128, 15, 0.2, 0.9, 5e-4
# The cycle: the rate begins at a share of RATE, rises within a share of the steps, and falls to a share.
START, RISE, END = 0.1, 0.3, 0.001
PRECISION = torch.bfloat16

# What is trained at once: the image set, whether all seeds, and depths. What comes last is left out
# first where time is short.
GROUPS = {
    "svhn": [("svhn-10k", True, (20, 56))],
    "usual": [("cifar10", True, (20, 56))],
    "all": [("cifar10", True, (20, 56)), ("cifar10", False, (110, 32, 44, 218))],
    "further": [("cifar10", False, (110, 32, 44, 218))],
}


def rate(progress):
    """The rate after a share of the training: up along a line, then down along a cosine."""
    if progress < RISE:
        return RATE * (START + (1 - START) * progress / RISE)
    fall = (progress - RISE) / (1 - RISE)
    return RATE * (END + (1 - END) * 0.5 * (1 + math.cos(math.pi * fall)))


def plan(images):
    """The plan, under the names by which the suite describes it."""
    return {
        "augmentation": {"flips": images.flips, "translation": images.translation},
        "batchSize": BATCH, "epochs": EPOCHS, "learningRate": RATE,
        "normalization": {
            "deviations": list(images.normalization[1]), "means": list(images.normalization[0])},
        "optimizer": {
            "descent": {"momentum": MOMENTUM, "nesterov": True, "weightDecay": DECAY}},
        "schedule": {"oneCycle": {"end": END, "rise": RISE, "start": START}}}


class Training:
    """One network; every step is one replay of a captured graph on a stream of its own.

    Trainings with one seed share first weights, orders of images and augmentation.
    """

    def __init__(self, model, depth, seed, images, epochs=EPOCHS):
        self.model, self.depth, self.seed, self.images = model, depth, seed, images
        self.name = f"{images.name}-{model}-{depth}-seed-{seed}"
        device = images.pixels.device
        self.network = ResidualNetwork(model, depth)
        self.network.begin(7919 * seed)
        self.network.to(device, memory_format=torch.channels_last)
        self.parameters = list(self.network.parameters())
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters]
        count = len(images.pixels)
        # The last batch of an epoch is dropped where it is not full.
        self.batches = count // BATCH
        steps = epochs * self.batches
        self.rates = torch.tensor(
            [rate(step / steps) for step in range(steps)], device=device)
        self.step_number = torch.zeros(1, dtype=torch.long, device=device)
        self.place = torch.zeros(1, dtype=torch.long, device=device)
        self.range = torch.arange(BATCH, device=device)
        self.order = torch.zeros(count, dtype=torch.long, device=device)
        self.moves = torch.zeros(count, 2, dtype=torch.long, device=device)
        self.mirrored = torch.zeros(count, dtype=torch.bool, device=device)
        self.sums = torch.zeros(2, device=device)
        self.right = torch.zeros(len(images.test_pixels), dtype=torch.bool, device=device)
        self.test_loss = torch.zeros((), device=device)
        self.history = torch.zeros(epochs, 4, device=device)
        self.generator = torch.Generator(device=device).manual_seed(104729 * seed + 1)
        self.epochs_done = 0
        self.stream = torch.cuda.Stream() if device.type == "cuda" else None
        if self.stream:
            self.capture()

    def scores(self, pixels):
        """The network's scores, with activations and products in `PRECISION` on a GPU."""
        with torch.autocast(
                pixels.device.type, PRECISION, enabled=self.stream is not None,
                cache_enabled=False):
            return self.network(pixels).float()

    def step(self):
        """One batch: gradients by PyTorch, then descent with Nesterov's momentum."""
        position = self.range + self.place * BATCH
        index = self.order[position]
        pixels, labels = self.images.batch(index, self.moves[position], self.mirrored[position])
        scores = self.scores(pixels)
        loss = F.cross_entropy(scores, labels)
        gradients = list(torch.autograd.grad(loss, self.parameters))
        with torch.no_grad():
            self.sums += torch.stack((loss, (scores.argmax(1) == labels).float().mean()))
            torch._foreach_add_(gradients, self.parameters, alpha=DECAY)
            torch._foreach_mul_(self.velocities, MOMENTUM)
            torch._foreach_add_(self.velocities, gradients)
            torch._foreach_add_(gradients, self.velocities, alpha=MOMENTUM)
            torch._foreach_mul_(gradients, self.rates[self.step_number].squeeze())
            torch._foreach_sub_(self.parameters, gradients)
            self.place += 1
            self.step_number += 1

    def test(self):
        """Loss on the test set, and which of its images are classified rightly."""
        self.network.eval()
        with torch.no_grad():
            self.test_loss.zero_()
            for i in range(0, len(self.right), TEST_BATCH):
                pixels = self.images.normalized(self.images.test_pixels[i:i + TEST_BATCH])
                labels = self.images.test_labels[i:i + TEST_BATCH]
                scores = self.scores(pixels)
                self.right[i:i + TEST_BATCH] = scores.argmax(1) == labels
                self.test_loss += F.cross_entropy(scores, labels, reduction="sum")
        self.network.train()

    def capture(self):
        """Captures a step and a test as graphs, and undoes the steps that this takes."""
        state = [
            *self.network.state_dict().values(), *self.velocities, self.step_number, self.place,
            self.sums]
        saved = [tensor.clone() for tensor in state]
        self.stream.wait_stream(torch.cuda.current_stream())
        with self.on_stream():
            for _ in range(2):
                self.step()
            self.test()
        torch.cuda.synchronize()
        self.graph, self.test_graph = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=self.stream):
            self.step()
        # The two never run at once.
        with torch.cuda.graph(self.test_graph, pool=self.graph.pool(), stream=self.stream):
            self.test()
        with torch.no_grad():
            for tensor, old in zip(state, saved):
                tensor.copy_(old)
        torch.cuda.synchronize()

    def on_stream(self):
        """A context in which work goes to this training's own stream."""
        return torch.cuda.stream(self.stream)

    def begin_epoch(self):
        """Draws a new order of images, translations and mirrors."""
        count, device, t = len(self.order), self.order.device, self.images.translation
        draw = {"device": device, "generator": self.generator}
        self.order.copy_(torch.randperm(count, **draw))
        if t:
            self.moves.copy_(torch.randint(0, 2 * t + 1, (count, 2), **draw))
        if self.images.flips:
            self.mirrored.copy_(torch.randint(0, 2, (count,), **draw) == 1)
        self.place.zero_()
        self.sums.zero_()

    def end_epoch(self):
        """Tests, and notes the means of the epoch."""
        if self.stream:
            self.test_graph.replay()
        else:
            self.test()
        row = self.history[self.epochs_done]
        row[:2] = self.sums / self.batches
        row[2], row[3] = self.test_loss / len(self.right), self.right.float().mean()
        self.epochs_done += 1

    def record(self):
        """What `trainings.jsonl` says of this training.

        `right` has a bit for each test image, the first the lowest of a byte.
        """
        bits = self.right.int().cpu().view(-1, 8)
        octets = (bits << torch.arange(8)).sum(1).tolist()
        names = ("training_loss", "training_accuracy", "test_loss", "test_accuracy")
        return {
            "data": self.images.name, "model": self.model, "depth": self.depth, "seed": self.seed,
            "plan": plan(self.images), "precision": str(PRECISION).removeprefix("torch."),
            "epochs": [
                dict(zip(names, (round(value, 6) for value in row)))
                | {"rate": self.rates[(epoch + 1) * self.batches - 1].item()}
                for epoch, row in enumerate(self.history[:self.epochs_done].tolist())],
            "right": base64.b64encode(bytes(octets)).decode()}

    def cost(self):
        """Of a step, in passes over one convolutional layer's code."""
        return self.depth * (1.6 if self.model in ("simplified", "resCSC") else 1)


def machine():
    """What is known of this machine, under the names of the suite's records of machines."""
    versions = {"PyTorch": torch.__version__, "CUDA": torch.version.cuda}
    versions["cuDNN"] = str(torch.backends.cudnn.version())
    return {
        "commit": "unknown", "processor": torch.cuda.get_device_name(), "threads": 1,
        "openBLAS": "none", "libraries": versions,
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def members(group, seeds, sets):
    """The trainings of a group: seed by seed, the first ones the most important."""
    for name, all_seeds, depths in GROUPS[group]:
        for seed in range(1, (seeds if all_seeds else 1) + 1):
            for depth in depths:
                for model in MODELS:
                    # R: plain and Simplified networks of more than 110 layers do not train.
                    if depth <= 110 or model in ("resNet", "resCSC"):
                        yield Training(model, depth, seed, sets[name])


def in_time(active, seconds, left, say):
    """Those that can be trained to the end in the time that is left.

    Rather fewer networks than a plan that is cut: the last seed is left out or, of networks that only
    the first seed has, the last one.
    """
    while 1.05 * seconds > left:
        last = active[-1].seed
        rest = [t for t in active if t.seed < last] if last > 1 else active[:-1]
        if not rest:
            break
        say("left out: " + ", ".join(training.name for training in active[len(rest):]))
        seconds *= sum(map(Training.cost, rest)) / sum(map(Training.cost, active))
        active = rest
    return active


def train(groups, seeds, sets, output, minutes):
    """Trains groups one after another, and writes the records after each."""
    start = time.time()

    def left():
        return 60 * minutes - (time.time() - start)

    def say(text):
        line = f"{time.time() - start:6.1f} s  {text}"
        print(line, flush=True)
        with open(output / "log.txt", "a") as file:
            file.write(line + "\n")

    for name in groups:
        here = machine()
        active = list(members(name, seeds, sets))
        say(f"{name}: {len(active)} captured, {torch.cuda.memory_reserved() / 2**30:.0f} GiB")
        began = time.time()
        batches = active[0].batches
        for epoch in range(EPOCHS):
            for training in active:
                with training.on_stream():
                    training.begin_epoch()
            for batch in range(batches):
                for training in active:
                    with training.on_stream():
                        training.graph.replay()
                if batch == batches - 1 or epoch == 0 and batch == 29:
                    torch.cuda.synchronize()
                    each = (time.time() - began) / (batch + 1)
                    ahead = EPOCHS * batches - epoch * batches - batch - 1
                    if epoch == 0:
                        say(f"{name}: {1000 * each:.1f} ms for a step of all")
                    active = in_time(active, each * ahead, left() - 5, say)
            for training in active:
                with training.on_stream():
                    training.end_epoch()
            torch.cuda.synchronize()
            began = time.time()
            if epoch in (0, 4, 9, 14):
                say(f"{name}: epoch {epoch + 1}; " + ", ".join(
                    f"{training.name} {100 * training.history[epoch, 3].item():.2f}"
                    for training in active))
        with open(output / "trainings.jsonl", "a") as file:
            for training in active:
                file.write(json.dumps(training.record() | {"machine": here}) + "\n")
        del active
        torch.cuda.empty_cache()
    say("end")


def check(paths, images):
    """Prints how many test images networks that the suite stored classify rightly."""
    for path in paths:
        network, architecture = load_network(path)
        network.to(images.pixels.device, memory_format=torch.channels_last)
        right = 0
        with torch.no_grad():
            for i in range(0, len(images.test_labels), TEST_BATCH):
                scores = network(images.normalized(images.test_pixels[i:i + TEST_BATCH]))
                right += (scores.argmax(1) == images.test_labels[i:i + TEST_BATCH]).sum().item()
        print(f"{architecture['model']}-{architecture['depth']}: {right} of {len(images.test_labels)}")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--groups", default="svhn,all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--check", nargs="+")
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    readers = {"cifar10": read_cifar10, "svhn-10k": read_svhn}
    if arguments.check:
        check(arguments.check, read_cifar10(arguments.data, device))
        return
    groups = arguments.groups.split(",")
    sets = {
        part[0]: readers[part[0]](arguments.data, device) for group in groups for part in GROUPS[group]}
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(torch.cuda.get_device_name(), "PyTorch", torch.__version__, flush=True)
    train(groups, arguments.seeds, sets, arguments.output, arguments.minutes)


if __name__ == "__main__":
    main()
