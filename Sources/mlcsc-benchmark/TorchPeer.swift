/// The same networks in PyTorch on the CPU, channels last, trained whenever it is asked to.
final class TorchPeer {
  /// What one turn took and found.
  struct Turn: Decodable {
    /// The time of the steps.
    let seconds: Double
    /// The loss before the last step, to see that both sides computed the same.
    let loss: Double
    /// The most memory the process has used so far.
    let peakBytes: Double
  }

  private let peer: PythonPeer
  /// PyTorch's version.
  var version: String { peer.version }

  /// Starts Python and builds a network; nothing if there is no python3 with torch in PATH.
  ///
  /// - Parameters:
  ///   - network: "lenet", "resnet", "rescsc", "dense" or "baseline".
  ///   - depth: Layers of a residual or dense network.
  ///   - unfoldings: Of the others.
  ///   - batch: Images a step.
  ///   - threads: For all of PyTorch.
  init?(_ network: String, depth: Int, unfoldings: Int, batch: Int, threads: Int) {
    guard
      let peer = PythonPeer(
        Self.program,
        arguments: ["\(threads)", network, "\(depth)", "\(unfoldings)", "\(batch)"],
        threads: threads)
    else { return nil }
    self.peer = peer
  }

  /// Trains some steps.
  ///
  /// - Throws: When the process has ended.
  func train(steps: Int) throws -> Turn { try peer.ask("\(steps)", for: Turn.self) }

  /// The networks.
  ///
  /// Filters and images are `HashedValues`, the parameters in the order of this library's
  /// networks. Products are used again where the pursuit needs them twice, as this library does.
  private static let program = """
    import json, resource, sys, time
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    threads, kind = int(sys.argv[1]), sys.argv[2]
    depth, unfoldings, batch = (int(a) for a in sys.argv[3:6])
    torch.set_num_threads(threads)

    def hashed(shape, key, bound):
        count = 1
        for n in shape: count *= n
        u = (torch.arange(count, dtype=torch.int64) + key * 1000003) * 2654435761 & 0xFFFFFFFF
        u = (u ^ (u >> 15)) * 2246822519 & 0xFFFFFFFF
        u = (u ^ (u >> 13)) * 3266489917 & 0xFFFFFFFF
        u = u ^ (u >> 16)
        return ((2 * (u.double() / 2**32) - 1) * bound).float().view(shape)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.all = nn.ParameterList()
        def weights(self, shape, scale):
            fan = shape[1] * (shape[2] * shape[3] if len(shape) == 4 else 1)
            self.all.append(nn.Parameter(hashed(shape, len(self.all), scale * (3 / fan) ** .5)))
            return self.all[-1]
        def constants(self, count, value):
            self.all.append(nn.Parameter(torch.full((count,), value)))
            return self.all[-1]

    class LeNet(Network):
        def __init__(self):
            super().__init__()
            self.unfoldings, self.s = unfoldings, (2, 2, 1)
            shapes = ((64, 1, 6, 6), (128, 64, 6, 6), (512, 128, 4, 4))
            self.w = [self.weights(s, .3) for s in shapes]
            self.t = [self.constants(s[0], 0.) for s in shapes]
            self.fw, self.fb = self.weights((10, 512), 1.), self.constants(10, 0.)
        def forward(self, x):
            w, t, s = self.w, self.t, self.s
            g = [x]
            for i in range(3):
                g.append(F.relu(F.conv2d(g[i], w[i], -t[i], stride=s[i])))
            for _ in range(self.unfoldings):
                e = [None, None, None, g[3]]
                for i in (2, 1, 0):
                    e[i] = F.conv_transpose2d(e[i + 1], w[i], stride=s[i])
                for i in range(3):
                    g[i + 1] = F.relu(e[i + 1] - F.conv2d(e[i] - g[i], w[i], t[i], stride=s[i]))
            return F.linear(g[3].flatten(1), self.fw, self.fb)

    class ResNet(Network):
        def __init__(self):
            super().__init__()
            self.first, self.pairs, c = (self.weights((16, 3, 3, 3), 2 ** .5), self.norm(16)), [], 16
            for m in (16, 32, 64):
                for _ in range((depth - 2) // 6):
                    a, n = self.weights((m, c, 3, 3), 2 ** .5), self.norm(m)
                    b, k = self.weights((m, m, 3, 3), 2 ** .5), self.norm(m)
                    r = self.constants(1, -.1) if kind == "rescsc" else None
                    self.pairs.append((a, n, b, k, r, m // c))
                    c = m
            self.fw, self.fb = self.weights((10, 64), 1.), self.constants(10, 0.)
        def norm(self, m):
            return self.constants(m, 1.), self.constants(m, 0.), torch.zeros(m), torch.ones(m)
        def normalize(self, x, n):
            return F.batch_norm(x, n[2], n[3], n[0], n[1], True)
        def forward(self, x):
            x = F.relu(self.normalize(F.conv2d(x, self.first[0], padding=1), self.first[1]))
            for a, n, b, k, r, s in self.pairs:
                y = F.relu(self.normalize(F.conv2d(x, a, padding=1, stride=s), n))
                y = self.normalize(F.conv2d(y, b, padding=1), k)
                if s > 1:
                    p = x.shape[1] // 2
                    x = F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, p, p))
                if r is None:
                    x = F.relu(y + x)
                else:
                    t = F.conv2d(F.conv_transpose2d(x, b, padding=1), b, padding=1)
                    t = F.batch_norm(t, torch.zeros(t.shape[1]), torch.ones(t.shape[1]), None, None, True)
                    x = F.relu(y + x + r * t)
            return F.linear(x.mean((2, 3)), self.fw, self.fb)

    class Dense(Network):
        def __init__(self):
            super().__init__()
            self.unfoldings, self.layers = unfoldings, []
            for i in range(depth):
                f = self.weights((32, 3 + 32 * i, 3, 3), .3)
                self.layers.append((f, self.constants(32, 0.), self.constants(1, 1.)))
            self.fw, self.fb = self.weights((10, 3 + 32 * depth), 1.), self.constants(10, 0.)
        def forward(self, x):
            for i, (f, t, c) in enumerate(self.layers):
                s, t = i % 3 + 1, t.view(1, -1, 1, 1)
                a = F.relu(c * x)
                b = F.relu(c * F.conv2d(x, f, padding=s, dilation=s) - t)
                for _ in range(self.unfoldings):
                    r = a + F.conv_transpose2d(b, f, padding=s, dilation=s) - x
                    a = F.relu(a - c * r)
                    b = F.relu(b - c * F.conv2d(r, f, padding=s, dilation=s) - t)
                x = torch.cat((a, b), 1)
                if i + 1 in (depth // 3, 2 * depth // 3):
                    x = F.max_pool2d(x, 2)
            return F.linear(x.mean((2, 3)), self.fw, self.fb)

    class Baseline(Network):
        def __init__(self):
            super().__init__()
            self.w = [self.weights(s, 1.) for s in ((32, 3, 4, 4), (64, 32, 4, 4), (128, 64, 4, 4))]
            self.t = [self.constants(w.shape[0], 0.) for w in self.w]
            self.c = [self.constants(1, 1.) for w in self.w]
            self.following = []
            for m, c in ((256, 128), (512, 256), (512, 512)):
                self.following.append((self.weights((m, c, 3, 3), 1.), self.constants(m, 0.)))
            self.fw, self.fb = self.weights((10, 512), 1.), self.constants(10, 0.)
        def forward(self, x):
            for w, t, c in zip(self.w, self.t, self.c):
                x = F.relu(c * F.conv2d(x, w, stride=2, padding=1) - t.view(1, -1, 1, 1))
            for i, (w, t) in enumerate(self.following):
                x = F.relu(F.conv2d(x, w, -t, padding=1))
                if i > 0:
                    x = F.max_pool2d(x, 2)
            return F.linear(x.flatten(1), self.fw, self.fb)

    residual = kind in ("resnet", "rescsc")
    classes = {"lenet": LeNet, "dense": Dense, "baseline": Baseline}
    net = ResNet() if residual else classes[kind]()
    net = net.to(memory_format=torch.channels_last)
    shape = (batch, 1, 28, 28) if kind == "lenet" else (batch, 3, 32, 32)
    x = ((hashed(shape, 999, 1.) + 1) / 2).contiguous(memory_format=torch.channels_last)
    y = torch.arange(batch) % 10
    if kind == "lenet":
        opt = torch.optim.Adam(net.parameters(), lr=1e-4, eps=1e-4)
    else:
        opt = torch.optim.SGD(
            net.parameters(), lr=1e-3, momentum=.9, nesterov=residual, weight_decay=1e-4)
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            opt.zero_grad(set_to_none=True)
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
        last = loss.item()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak *= 1 if sys.platform == "darwin" else 1024
        print(json.dumps({"seconds": seconds, "loss": last, "peakBytes": peak}), flush=True)
    """
}

/// Numbers that look random and are the same in Swift and in Python.
enum HashedValues {
  /// Uniform within ±bound.
  static func make(_ count: Int, key: Int, bound: Double) -> [Float] {
    (0..<count).map { i in
      var u = UInt64(i + key * 1_000_003) &* 2_654_435_761 & 0xffff_ffff
      u = (u ^ (u >> 15)) &* 2_246_822_519 & 0xffff_ffff
      u = (u ^ (u >> 13)) &* 3_266_489_917 & 0xffff_ffff
      u ^= u >> 16
      return Float((2 * (Double(u) / 4_294_967_296) - 1) * bound)
    }
  }
}
