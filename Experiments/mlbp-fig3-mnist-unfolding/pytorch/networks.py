"""B's networks on MNIST in PyTorch: the digits, the authors' plans, the network, stored weights."""

import gzip
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F


def read_idx(path):
    """A tensor of bytes from a compressed file of the format IDX."""
    with gzip.open(path) as file:
        kind, = struct.unpack(">i", file.read(4))
        dimensions = kind % 256
        shape = struct.unpack(f">{dimensions}i", file.read(4 * dimensions))
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(shape)


def read_digits(folder, device):
    """MNIST's training and test set, each as (images, labels).

    Pixels lie in [0, 1]. Blocks of 4x4 pixels are channels (see `Network.rearranged`): an image has
    the shape [16, 7, 7].
    """
    sets = []
    for name in ("train", "t10k"):
        images = read_idx(folder / f"{name}-images-idx3-ubyte.gz").to(device)
        labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz").to(device).long()
        blocks = images.float().div(255).view(-1, 7, 4, 7, 4).permute(0, 2, 4, 1, 3)
        blocks = blocks.reshape(-1, 16, 7, 7).contiguous(memory_format=torch.channels_last)
        sets.append((blocks, labels))
    return sets


class Plan:
    """How a network is trained.

    B's text fixes the architecture, Adam, steps of 1 and a rho that rises from 0 to 1 along a
    sigmoid (Sec. 4, Suppl. B). It says nothing of the first filters, the slope of rho, Adam's
    epsilon, the rate, the batch or the number of epochs. These come from the authors' public codes:

    - `july-a`: the first, of 3 July 2018. Filters of variance 1/fan-in, slope 0.2, epsilon 1e-4.
    - `july-b`: of 7 July 2018. Filters of deviation 0.001, slope 0.1, epsilon 1e-5.
    - `later`: the later code. Fewer filters, of deviation 0.1/sqrt(fan-in), learned steps, momentum
      0.9, weight decay 1e-5, no rho.
    """

    def __init__(self, name):
        self.name, self.epochs = name, 100
        if name == "later":
            self.filters, self.batch, self.learns_steps = (32, 64, 512), 128, True
            self.scale, self.slope = 0.1, None
        else:
            self.filters, self.batch, self.learns_steps = (64, 128, 512), 256, False
            # Deviation of the first filters times sqrt(fan-in); none: 0.001 in every layer.
            self.scale = {"july-a": 1.0, "july-b": None}[name]
            self.slope, self.epsilon = {"july-a": (0.2, 1e-4), "july-b": (0.1, 1e-5)}[name]

    def rho(self, epoch):
        """The share of the propagated code in an epoch from 1 (B, Suppl. B; middle at 2/3)."""
        if self.slope is None:
            return 1.0
        return 1 / (1 + math.exp(-self.slope * (epoch - self.epochs * 2 / 3)))

    def rate(self, epoch):
        """The learning rate of an epoch from 1."""
        return 0.002 * 0.2 ** ((epoch - 1) // 30) if self.name == "later" else 1e-4


class Network:
    """B's network (Sec. 4): convolutions of 6x6 (stride 2), 6x6 (stride 2), 4x4, linear scores.

    `ml-ista` (B, Alg. 2), `ml-fista` (Alg. 3) or `layered-ista` (Layered BP), unfolded, with codes
    that are not negative. `unfoldings` are the iterations after the first; 0 is the feed-forward
    network. All parameters lie in one vector, filters channels last; their names are the suite's.
    """

    def __init__(self, plan, method, unfoldings, device):
        self.method, self.unfoldings, self.learns_steps = method, unfoldings, plan.learns_steps
        first, second, third = plan.filters
        self.shapes = {
            "filters.1": (first, 1, 6, 6), "filters.2": (second, first, 6, 6),
            "filters.3": (third, second, 4, 4)}
        self.shapes |= {f"thresholds.{i}": (plan.filters[i - 1],) for i in (1, 2, 3)}
        if plan.learns_steps:
            self.shapes |= {f"steps.{i}": (1,) for i in (1, 2, 3)}
        self.shapes |= {"classifier.weights": (10, third), "classifier.biases": (10,)}
        self.count = sum(math.prod(shape) for shape in self.shapes.values())
        self.vector = torch.zeros(self.count, device=device)

    def views(self, vector):
        """The parameters by name, as views of a vector."""
        result, start = {}, 0
        for name, shape in self.shapes.items():
            part = vector[start:start + math.prod(shape)]
            start += math.prod(shape)
            if len(shape) == 4:
                count, channels, height, width = shape
                result[name] = part.view(count, height, width, channels).permute(0, 3, 1, 2)
            else:
                result[name] = part.view(shape)
        return result

    def begin(self, plan, seed):
        """Draws the first weights: the same normal numbers for every network with one seed.

        Thresholds and biases begin at 0, steps at 1, the classifier uniform within 1/sqrt(fan-in).
        """
        generator = torch.Generator().manual_seed(seed)
        for name, view in self.views(self.vector).items():
            fan_in = math.prod(view.shape[1:])
            if name.startswith("filters"):
                deviation = 0.001 if plan.scale is None else plan.scale / fan_in ** 0.5
                view.copy_(deviation * torch.randn(view.shape, generator=generator))
            elif name == "classifier.weights":
                uniform = torch.rand(view.shape, generator=generator)
                view.copy_((2 * uniform - 1) / fan_in ** 0.5)
            else:
                view.fill_(1.0 if name.startswith("steps") else 0.0)

    def rearranged(self, parameters):
        """Filters of the same dictionaries for codes whose strides lie in their channels.

        With blocks of 4x4 pixels and of 2x2 codes of the first layer as channels, all products are
        of stride 1: 2x2 filters from 16 channels to four times those of the first layer, 3x3 from
        there to those of the second, and a matrix.
        """
        filters = parameters["filters.1"]
        count = filters.shape[0]
        phases = [
            F.pad(filters[:, 0], (2 * right, 2 - 2 * right, 2 * down, 2 - 2 * down))
            for down in (0, 1) for right in (0, 1)]
        first = torch.stack(phases).view(4 * count, 2, 4, 2, 4).permute(0, 2, 4, 1, 3)
        filters = parameters["filters.2"]
        second = filters.reshape(filters.shape[0], count, 3, 2, 3, 2).permute(0, 3, 5, 1, 2, 4)
        third = parameters["filters.3"].permute(0, 2, 3, 1)
        return (
            first.reshape(4 * count, 16, 2, 2).contiguous(memory_format=torch.channels_last),
            second.reshape(-1, 4 * count, 3, 3).contiguous(memory_format=torch.channels_last),
            third.reshape(third.shape[0], -1))

    def scores(self, parameters, images, rho):
        """Scores of images in blocks; the codes stay in `self.codes`.

        Every step is B's  code <- ReLU(estimate - step * D^T(D estimate - code below) - threshold),
        with the estimate  rho D_(i,L) gamma_L + (1 - rho) gamma_i  of Suppl. B. rho is a number, or
        a tensor that a captured graph reads.
        """
        dictionaries = self.rearranged(parameters)
        thresholds = [
            parameters["thresholds.1"].repeat(4), parameters["thresholds.2"],
            parameters["thresholds.3"]]

        def analyze(i, residual, bias):
            if i < 2:
                return F.conv2d(residual, dictionaries[i], bias)
            return F.linear(residual.permute(0, 2, 3, 1).flatten(1), dictionaries[2], bias)

        def synthesize(i, code):
            if i < 2:
                return F.conv_transpose2d(code, dictionaries[i])
            signal = F.linear(code, dictionaries[2].t())
            return signal.view(-1, 4, 4, dictionaries[1].shape[0]).permute(0, 3, 1, 2)

        def step(i, estimate, residual):
            """Without an estimate, which is then 0, the residual is the code below."""
            if self.learns_steps:
                change = parameters[f"steps.{i + 1}"] * analyze(i, residual, None)
                shift = thresholds[i].view(1, -1, 1, 1) if i < 2 else thresholds[i]
                return F.relu_((change if estimate is None else estimate - change) - shift)
            if estimate is None:
                return F.relu_(analyze(i, residual, -thresholds[i]))
            return F.relu_(estimate - analyze(i, residual, thresholds[i]))

        codes = [images]
        if self.method == "layered-ista":
            for i in range(3):
                code = step(i, None, codes[i])
                for _ in range(self.unfoldings):
                    code = step(i, code, synthesize(i, code) - codes[i])
                codes.append(code)
        else:
            for i in range(3):
                codes.append(step(i, None, codes[i]))
            momentum, deepest = 1.0, codes[3]
            for _ in range(self.unfoldings):
                estimates = [None, None, None, deepest]
                for i in (2, 1):
                    estimates[i] = synthesize(i, estimates[i + 1])
                if not (isinstance(rho, float) and rho == 1):
                    for i in (1, 2):
                        estimates[i] = torch.lerp(codes[i], estimates[i], rho)
                new = [images]
                for i in range(3):
                    residual = synthesize(i, estimates[i + 1]) - new[i]
                    new.append(step(i, estimates[i + 1], residual))
                deepest = new[3]
                if self.method == "ml-fista":
                    # (t_k - 1)/t_(k+1), where B's Alg. 3 prints t_k/(t_(k+1) - 1). The first
                    # factor, 0, belongs to the iteration before this loop.
                    momentum = (1 + (1 + 4 * momentum ** 2) ** 0.5) / 2
                    after = (1 + (1 + 4 * momentum ** 2) ** 0.5) / 2
                    deepest = deepest + (momentum - 1) / after * (new[3] - codes[3])
                codes = new
        self.codes = codes
        return F.linear(codes[3], parameters["classifier.weights"], parameters["classifier.biases"])


def save_network(training, folder):
    """Writes the weights as safetensors, with the suite's names and order of axes."""
    tensors, offset, header = [], 0, {}
    for name, view in training.network.views(training.network.vector).items():
        data = view.detach().cpu().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(view.shape),
            "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        tensors.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = folder / f"{training.name}.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(tensors))


def load_network(path, device):
    """A network that the suite stored, the epoch after which it was, and its plan."""
    data = pathlib.Path(path).read_bytes()
    length, = struct.unpack("<Q", data[:8])
    header, data = json.loads(data[8:8 + length]), data[8 + length:]
    run = json.loads(header["__metadata__"]["run"])
    plan = Plan("july-a")
    plan.filters = [header[f"filters.{i}"]["shape"][0] for i in (1, 2, 3)]
    plan.epochs, plan.slope = run["plan"]["epochs"], run["plan"]["consistency"]["steepness"]
    architecture = run["architecture"]
    network = Network(plan, architecture["method"], architecture["unfoldings"], device)
    for name, view in network.views(network.vector).items():
        start, end = header[name]["data_offsets"]
        values = torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32)
        view.copy_(values.view(header[name]["shape"]))
    return network, run["plan"].get("cutAfter", run["plan"]["epochs"]), plan
