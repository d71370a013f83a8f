"""R's residual networks in PyTorch: the four models, their images, stored weights."""

import json
import math
import pathlib

import numpy as np
import scipy.io
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import nn

MODELS = ("plain", "simplified", "resNet", "resCSC")
WIDTHS = (16, 32, 64)


class Images:
    """An image set on a device: bytes in the order [image, row, column, colour].

    Training images have a border of zeros as wide as the largest translation, so that a translated
    image is a part of its bordered one.
    """

    def __init__(self, name, training, test, means, deviations, translation, flips, device):
        self.name, self.translation, self.flips = name, translation, flips
        border = (0, 0, translation, translation, translation, translation)
        self.pixels = F.pad(torch.from_numpy(training[0]), border).to(device)
        self.labels = torch.from_numpy(training[1]).long().to(device)
        self.test_pixels = torch.from_numpy(test[0]).to(device)
        self.test_labels = torch.from_numpy(test[1]).long().to(device)
        self.normalization = (means, deviations)
        self.means = torch.tensor(means, device=device)
        self.deviations = torch.tensor(deviations, device=device)
        self.size = training[0].shape[1]

    def normalized(self, pixels):
        """Bytes as numbers of mean 0 and deviation 1, with the shape [image, colour, row, column]."""
        return ((pixels.float() / 255 - self.means) / self.deviations).permute(0, 3, 1, 2)

    def batch(self, index, moves, mirrored):
        """Training images, cut out of their borders at `moves` and mirrored where it is asked for."""
        place = torch.arange(self.size, device=index.device)
        rows = moves[:, :1] + place
        columns = moves[:, 1:] + torch.where(mirrored[:, None], self.size - 1 - place, place)
        pixels = self.pixels[index[:, None, None], rows[:, :, None], columns[:, None, :]]
        return self.normalized(pixels), self.labels[index]


def read_cifar10(folder, device):
    """All of CIFAR-10, with R's augmentation: translations by up to 4 pixels, and mirrors."""
    def read(names):
        records = np.concatenate([
            np.fromfile(folder / "cifar-10-batches-bin" / name, np.uint8).reshape(-1, 3073)
            for name in names])
        return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy(), records[:, 0]

    return Images(
        "cifar10", read([f"data_batch_{i}.bin" for i in range(1, 6)]), read(["test_batch.bin"]),
        (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010), 4, True, device)


def read_svhn(folder, device):
    """The first 10,000 of SVHN's test digits: 8,000 to learn from and 2,000 to test with."""
    file = scipy.io.loadmat(folder / "test_32x32.mat")
    pixels = file["X"].transpose(3, 0, 1, 2)[:10_000].copy()
    # SVHN writes the digit 0 as class 10.
    labels = (file["y"].ravel()[:10_000] % 10).astype(np.uint8)
    return Images(
        "svhn-10k", (pixels[:8000], labels[:8000]), (pixels[8000:], labels[8000:]),
        (0.4377, 0.4438, 0.4728), (0.1980, 0.2010, 0.1970), 0, False, device)


class Norm(nn.Module):
    """Batch norm; without scale and shift where it is not `learned`."""

    def __init__(self, channels, learned=True):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if learned else None
        self.bias = nn.Parameter(torch.zeros(channels)) if learned else None
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x, scale=None):
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight if scale is None else scale,
            self.bias, self.training)


class Filters(nn.Module):
    """A dictionary of 3x3 filters."""

    def __init__(self, count, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, channels, 3, 3))

    def analyze(self, x, stride=1):
        """D^T x."""
        return F.conv2d(x, self.weight, stride=stride, padding=1)

    def synthesize(self, code):
        """D code, for codes of stride 1."""
        return F.conv_transpose2d(code, self.weight, padding=1)


class Pair(nn.Module):
    """Two layers: one layered pursuit (R, eq. 3), then one iteration from the pair's input (eq. 5).

        X = ReLU(N1(D1^T X'))
        code = ReLU(N2(D2^T X) + P X' + c N3(D2^T D2 P X'))

    The plain network has neither of the last two terms, Simplified the last one, ResNet the other.
    P takes every second position and adds channels of zeros where the first layer halves the image.
    """

    def __init__(self, model, channels, count, stride):
        super().__init__()
        self.model, self.stride, self.added = model, stride, count - channels
        self.conv1, self.bn1 = Filters(count, channels), Norm(count)
        self.conv2, self.bn2 = Filters(count, count), Norm(count)
        if model in ("simplified", "resCSC"):
            self.coefficient = nn.Parameter(torch.tensor([-0.1]))
            self.bn3 = Norm(count, learned=False)

    def forward(self, x):
        signal = F.relu_(self.bn1(self.conv1.analyze(x, self.stride)))
        code = self.bn2(self.conv2.analyze(signal))
        start = x
        if self.stride > 1 or self.added:
            before = self.added // 2
            start = F.pad(
                x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, before, self.added - before))
        if self.model in ("resNet", "resCSC"):
            code = code.add_(start)
        if self.model in ("simplified", "resCSC"):
            product = self.conv2.analyze(self.conv2.synthesize(start))
            # c is the scale of N3, which saves a pass.
            code = code.add_(self.bn3(product, self.coefficient.repeat(code.shape[1])))
        return F.relu_(code)


class ResidualNetwork(nn.Module):
    """A network of `depth` = 6n + 2 layers; its parameters have the names of the suite's files."""

    def __init__(self, model, depth, classes=10):
        super().__init__()
        self.conv1, self.bn1 = Filters(WIDTHS[0], 3), Norm(WIDTHS[0])
        channels = WIDTHS[0]
        for stage, width in enumerate(WIDTHS, 1):
            pairs = []
            for number in range((depth - 2) // 6):
                stride = 2 if stage > 1 and number == 0 else 1
                pairs.append(Pair(model, channels, width, stride))
                channels = width
            setattr(self, f"layer{stage}", nn.Sequential(*pairs))
        self.linear = nn.Linear(channels, classes)

    def begin(self, seed):
        """Draws the first weights, in one order for all models: filters of variance 2/fan-in."""
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 4:
                fan_in = math.prod(parameter.shape[1:])
                with torch.no_grad():
                    parameter.copy_(
                        (2 / fan_in) ** 0.5 * torch.randn(parameter.shape, generator=generator))
            elif name == "linear.weight":
                with torch.no_grad():
                    uniform = torch.rand(parameter.shape, generator=generator)
                    parameter.copy_((2 * uniform - 1) / parameter.shape[1] ** 0.5)
            elif name == "linear.bias":
                nn.init.zeros_(parameter)

    def forward(self, images):
        x = F.relu_(self.bn1(self.conv1.analyze(images)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def load_network(path):
    """A network that the suite stored, in inference mode, and its architecture."""
    with safe_open(pathlib.Path(path), "pt") as file:
        architecture = json.loads(file.metadata()["run"])["architecture"]
        weights = {name: file.get_tensor(name) for name in file.keys()}
    network = ResidualNetwork(
        architecture["model"], architecture["depth"], len(weights["linear.bias"]))
    network.load_state_dict(weights)
    return network.eval(), architecture
