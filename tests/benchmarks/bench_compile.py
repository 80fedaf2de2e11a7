"""Is a compiled graph as fast as the same network written by hand? `python -P -m tests.benchmarks.bench_compile`.

Prints JSON: for each network the median over interleaved pairs of (compiled / by hand) for one training step, forward,
backward and SGD on the CPU with one thread, and the same for (by hand / by hand), the noise floor of this run. What is
taken is the processor's time for this process, which other programs on the machine disturb less than the clock's.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from runtime.compile import compile_graph
from runtime.document import Document
from runtime.graph import Graph
from tests.builders import graphs

PAIRS = 100
STEPS = 4  # training steps timed as one
Step = Callable[[], None]


class LeNet(nn.Module):
    """Two convolutions with pooling, two dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5, padding=2)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.dense1 = nn.Linear(784, 64)
        self.relu3 = nn.ReLU()
        self.dense2 = nn.Linear(64, 2)

    def forward(self, image: Tensor) -> Tensor:
        image = self.pool1(self.relu1(self.conv1(image)))
        image = self.pool2(self.relu2(self.conv2(image)))
        return self.dense2(self.relu3(self.dense1(self.flatten(image))))


class Residual(nn.Module):
    """Four residual blocks of two convolutions with batch normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.blocks = nn.ModuleList(Block() for _ in range(4))
        self.dense = nn.Linear(8, 2)

    def forward(self, image: Tensor) -> Tensor:
        image = self.stem(image)
        for block in self.blocks:
            image = block(image)
        return self.dense(image.mean((2, 3)))


class Block(nn.Module):
    """conv, norm, relu, conv, norm, add, relu."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(8, 8, 3, padding=1) for _ in range(2))
        self.norm1, self.norm2 = (nn.BatchNorm2d(8) for _ in range(2))
        self.relu1, self.relu2 = (nn.ReLU() for _ in range(2))

    def forward(self, image: Tensor) -> Tensor:
        inner = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(image)))))
        return self.relu2(inner + image)


def lenet_graph() -> Graph:
    """The same as LeNet, drawn."""
    layers: list[graphs.Layer] = []
    for filters in (6, 16):
        layers += [("convolution", {"filters": filters, "kernel": 5}), "relu", "max_pooling"]
    return graphs.classifier(layers=[*layers, "flatten", ("dense", {"units": 64}), "relu"], size=(28, 28))


def residual_graph() -> Graph:
    """The same as Residual, drawn."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document, size=(28, 28))
        last = graphs.chain(document, start, [("convolution", {"filters": 8})])
        for _ in range(4):
            conv: graphs.Layer = ("convolution", {"filters": 8})
            inner = graphs.chain(document, last, [conv, "batch_normalization", "relu", conv, "batch_normalization"])
            total = graphs.add(document, "add")
            for node_id in (inner, last):
                graphs.wire(document, node_id, total)
            last = graphs.chain(document, total, ["relu"])
        last = graphs.chain(document, last, ["global_average_pooling", ("dense", {"units": 2})])
        graphs.judge(document, last, start, "class", "cross_entropy")
    return document.graph()


def step_of(module: nn.Module, scores: Callable[[Tensor], Tensor], images: Tensor, target: Tensor) -> Step:
    """A training step on fixed data."""
    optimizer = torch.optim.SGD(module.parameters(), 0.01)

    def step() -> None:
        for _ in range(STEPS):
            optimizer.zero_grad()
            functional.cross_entropy(scores(images), target).backward()
            optimizer.step()

    return step


def compiled_step(graph: Graph, images: Tensor, target: Tensor) -> Step:
    """The same step with the compiled graph."""
    network = compile_graph(graphs.sound(graph))
    (source,) = network.inputs
    ((node, output),) = set(network.plan.kept)

    def scores(batch: Tensor) -> Tensor:
        return network({source: batch}).at(node, output)

    return step_of(network, scores, images, target)


def seconds(step: Step) -> float:
    """Processor time of one call."""
    began = time.process_time()
    step()
    return time.process_time() - began


def ratio(one: Step, other: Step) -> dict[str, float]:
    """The median of one/other over interleaved pairs that swap their order, and the middle half of the ratios."""
    for step in (one, other) * 3:
        step()
    found = []
    for pair in range(PAIRS):
        if pair % 2:
            below = seconds(other)
            found.append(seconds(one) / below)
        else:
            above = seconds(one)
            found.append(above / seconds(other))
    low, middle, high = statistics.quantiles(found, n=4)
    return {"median": round(middle, 4), "quarter": round(low, 4), "three_quarters": round(high, 4)}


def main(batches: Sequence[int] = (16,)) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    result: dict[str, object] = {"pairs": PAIRS, "steps_per_timing": STEPS, "torch": torch.__version__}
    for name, by_hand, graph in (("lenet", LeNet, lenet_graph()), ("residual", Residual, residual_graph())):
        for batch in batches:
            images, target = torch.randn(batch, 1, 28, 28), torch.randint(0, 2, (batch,))
            modules = [by_hand() for _ in range(3)]
            first, second, third = (step_of(module, module, images, target) for module in modules)
            compiled = compiled_step(graph, images, target)
            result[f"{name}, batch {batch}"] = {
                "compiled / by hand": ratio(compiled, first),
                "by hand / by hand": ratio(second, third),
                "ms a step": round(seconds(first) / STEPS * 1000, 3),
            }
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
