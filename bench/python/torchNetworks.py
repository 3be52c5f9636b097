"""Networks in PyTorch, in whichever memory layout is faster."""
import time

import torch
import torch.nn.functional as F
from torch import nn

from specs import margins, without_softmax

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "relu6": F.relu6,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "swish": F.silu,
    "silu": F.silu,
    "gelu": F.gelu,
    "elu": F.elu,
    "softplus": F.softplus,
}


def start(threads):
    torch.set_num_threads(threads)
    return f"PyTorch {torch.__version__.split('+')[0]}"


class Windowed(nn.Module):
    """A convolution or a pooling with padding that need not be the same on both sides."""

    def __init__(self, spec, window, shape, make, filler=0.0):
        super().__init__()
        dilation = spec.get("dilationRate", [1, 1])
        padding, strides = spec["padding"], spec["strides"]
        if isinstance(padding, str):
            sides = [margins(shape[i], window[i], strides[i], dilation[i], padding) for i in range(2)]
        else:
            sides = [tuple(side) for side in padding]
        even = all(before == behind for before, behind in sides)
        self.border = None if even else (*sides[1], *sides[0])
        self.filler = filler
        self.inner = make(tuple(before for before, _ in sides) if even else (0, 0))
        self.activate = ACTIVATIONS[spec.get("activation", "linear")]

    def forward(self, x):
        if self.border:
            x = F.pad(x, self.border, value=self.filler)
        return self.activate(self.inner(x))


class Dense(nn.Module):
    def __init__(self, spec, inputs):
        super().__init__()
        self.inner = nn.Linear(inputs, spec["units"], bias=spec.get("useBias", True))
        self.activate = ACTIVATIONS[spec["activation"]]

    def forward(self, x):
        return self.activate(self.inner(x))


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def convolution(spec, shape, filters, groups):
    window = spec["kernelSize"]
    return Windowed(
        spec,
        window,
        shape,
        lambda padding: nn.Conv2d(
            shape[2],
            filters,
            window,
            stride=spec["strides"],
            padding=padding,
            dilation=spec.get("dilationRate", [1, 1]),
            groups=groups,
            bias=spec.get("useBias", True),
        ),
    )


def average_pooling(spec, shape):
    pool = lambda padding: nn.AvgPool2d(spec["poolSize"], spec["strides"], padding, count_include_pad=False)
    module = Windowed(spec, spec["poolSize"], shape, pool)
    if module.border:
        raise ValueError("average pooling with uneven padding")
    return module


def max_pooling(spec, shape):
    pool = lambda padding: nn.MaxPool2d(spec["poolSize"], spec["strides"], padding)
    return Windowed(spec, spec["poolSize"], shape, pool, -float("inf"))


def normalization(spec, shape):
    kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
    module = kind(shape[-1], eps=spec["epsilon"], momentum=1 - spec["momentum"])
    module.weight.requires_grad_(spec.get("scale", True))
    module.bias.requires_grad_(spec.get("center", True))
    return module


def rescaling(spec, _):
    scale, offset = spec["scale"], spec["offset"]
    if isinstance(scale, list) or offset != 0:
        raise ValueError("rescaling by channel, or with an offset")
    return Function(lambda x: x * scale)


def relu(spec, _):
    if spec["negativeSlope"] or spec["threshold"]:
        raise ValueError("a ReLU with a slope or a threshold")
    ceiling = spec["maxValue"]
    if ceiling is None:
        return nn.ReLU()
    return nn.ReLU6() if ceiling == 6 else nn.Hardtanh(0, ceiling)


def padding(spec, _):
    (top, bottom), (left, right) = spec["padding"]
    return nn.ZeroPad2d((left, right, top, bottom))


def added(*inputs):
    total = inputs[0] + inputs[1]
    for each in inputs[2:]:
        total = total + each
    return total


# In H, W, C order, as the memory has it.
flatten = lambda x: x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x

MAKERS = {
    "conv2d": lambda spec, shape: convolution(spec, shape, spec["filters"], spec.get("groups", 1)),
    "depthwiseConv2d": lambda spec, shape: convolution(
        spec, shape, shape[2] * spec.get("depthMultiplier", 1), shape[2]
    ),
    "dense": lambda spec, shape: Dense(spec, shape[-1]),
    "maxPooling2d": max_pooling,
    "averagePooling2d": average_pooling,
    "globalAveragePooling2d": lambda *_: Function(lambda x: x.mean((2, 3))),
    "batchNormalization": normalization,
    "activation": lambda spec, _: Function(ACTIVATIONS[spec["activation"]]),
    "reLU": relu,
    "leakyReLU": lambda spec, _: nn.LeakyReLU(spec["negativeSlope"]),
    "add": lambda *_: Function(added),
    "subtract": lambda *_: Function(lambda a, b: a - b),
    "concatenate": lambda *_: Function(lambda *inputs: torch.cat(inputs, 1)),
    "flatten": lambda *_: Function(flatten),
    "dropout": lambda spec, _: nn.Dropout(spec["rate"]),
    "zeroPadding2d": padding,
    "rescaling": rescaling,
}


class Graph(nn.Module):
    """Layers in their order, each with the names of what it takes; shapes are found by running them once."""

    def __init__(self, layers, shape):
        super().__init__()
        self.steps = []
        self.layers = nn.ModuleList()
        values = {"images": torch.zeros(2, shape[2], *shape[:2]).contiguous(memory_format=torch.channels_last)}
        # What is needed no longer is let go, as in any model written by hand.
        last_use = {name: i for i, spec in enumerate(layers) for name in spec["inputs"]}
        for i, spec in enumerate(layers):
            inputs = [values[name] for name in spec["inputs"]]
            form = list(inputs[0].shape)
            module = MAKERS[spec["type"]](spec, form[2:] + [form[1]] if len(form) == 4 else form[1:])
            with torch.no_grad():
                values[spec["name"]] = module(*inputs)
            done = [name for name in spec["inputs"] if last_use[name] == i]
            self.layers.append(module)
            self.steps.append((spec["inputs"], spec["name"], done))

    def forward(self, x):
        values = {"images": x}
        for layer, (inputs, name, done) in zip(self.layers, self.steps):
            values[name] = layer(*(values[each] for each in inputs))
            for each in set(done):
                del values[each]
        return values[self.steps[-1][1]]


LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}


class Network:
    def __init__(self, request):
        torch.manual_seed(0)
        layers, self.softmax = without_softmax(request["layers"])
        height, width, channels = request["inputShape"]
        self.model = Graph(layers, request["inputShape"])
        trained = [each for each in self.model.parameters() if each.requires_grad]
        states = [each for name, each in self.model.named_buffers() if "num_batches" not in name]
        self.parameters = sum(each.numel() for each in [*trained, *states])
        batch = request["batch"]
        self.images = torch.rand(batch, channels, height, width)
        self.labels = torch.randint(0, request["classes"], (batch,))
        self.smoothing = request.get("labelSmoothing", 0.0)
        momentum = request.get("momentum", 0.0)
        self.optimizer = torch.optim.SGD(trained, lr=0.01, momentum=momentum, nesterov=momentum > 0)
        self.layout = None
        self.fastest = {}  # The layout of each kind of work.

    def run(self, kind, batches):
        if kind not in self.fastest:
            times = {layout: self.trial(kind, layout) for layout in LAYOUTS}
            self.fastest[kind] = min(times, key=times.get)
        self.arrange(self.fastest[kind])
        return self.timed(kind, batches)

    def trial(self, kind, layout):
        self.arrange(layout)
        self.timed(kind, 1)
        return min(self.timed(kind, 1) for _ in range(2))

    def arrange(self, layout):
        if layout == self.layout:
            return
        self.layout = layout
        self.model = self.model.to(memory_format=LAYOUTS[layout])
        self.images = self.images.contiguous(memory_format=LAYOUTS[layout])
        self.optimizer.state.clear()  # What it keeps has the layout of the weights.

    def timed(self, kind, batches):
        step = self.train if kind == "training" else self.predict
        self.model.train(kind == "training")
        begin = time.perf_counter()
        for _ in range(batches):
            step()
        return time.perf_counter() - begin

    def train(self):
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.model(self.images), self.labels, label_smoothing=self.smoothing).backward()
        self.optimizer.step()

    def predict(self):
        with torch.inference_mode():
            result = self.model(self.images)
            return result.softmax(-1) if self.softmax else result
