"""Sound graphs drawn at random from a seed: image sizes, preparation, layers, branches and tasks of all kinds."""

from __future__ import annotations

from random import Random

from runtime.analysis import analyse
from runtime.document import Document
from runtime.graph import Graph
from tests.builders import graphs

_KEEPING = (
    ("relu", {}), ("leaky_relu", {}), ("gelu", {}), ("sigmoid", {}), ("prelu", {}), ("batch_normalization", {}),
    ("dropout", {"rate": 0.3}), ("convolution", {"filters": 6, "kernel": 3}),
    ("convolution", {"filters": 4, "kernel": 1}), ("convolution", {"filters": 8, "kernel": 5, "padding": "same"}),
)  # fmt: skip
_SHRINKING = (("max_pooling", {}), ("average_pooling", {}), ("convolution", {"filters": 6, "kernel": 3, "stride": 2}))
_PREPARING = (("normalise", {}), ("window", {"centre": 40.0, "width": 300.0}), ("augment", {}),
              ("normalise", {"method": "range to 0–1"}), ("resize", {"size": (14, 18), "fit": "pad"}))  # fmt: skip
_LIKELY = 0.4


def random_graph(seed: int) -> Graph:
    """A sound graph that can be exported; the same seed gives the same graph."""
    random = Random(seed)
    while True:
        graph = _drawn(random)
        if not analyse(graph).errors:
            return graph


def _drawn(random: Random) -> Graph:
    document = Document()
    task = random.choice(("class", "class", "number", "mask"))
    classes = tuple("abcde"[: random.randint(2, 5)]) if task != "number" else ()
    with document.edit("Draw"):
        size = (random.choice((12, 16, 21)), random.choice((12, 16, 20)))
        start = graphs.source(
            document, label=task, classes=classes, counts=(5,) * len(classes) if task == "class" else (),
            channels=random.choice((1, 3)), size=size, fit=random.choice(("stretch", "pad", "crop")),
        )  # fmt: skip
        last = graphs.chain(document, start, [one for one in _PREPARING if random.random() < _LIKELY])
        for _ in range(random.randint(1, 5)):
            last = _stage(document, random, last, task == "mask")
        _end(document, random, start, last, task, len(classes))
    return document.graph()


def _stage(document: Document, random: Random, start: str, keeps: bool) -> str:
    """A layer, a few in a row, or two branches that are joined."""
    if random.random() < _LIKELY:
        ways = [graphs.chain(document, start, _layers(random)) for _ in range(2)]
        joined = graphs.add(document, random.choice(("add", "concatenate", "maximum", "average")))
        for way in ways:
            graphs.wire(document, way, joined)
        return joined
    last = graphs.chain(document, start, _layers(random))
    return last if keeps or random.random() < _LIKELY else graphs.chain(document, last, [random.choice(_SHRINKING)])


def _layers(random: Random) -> list[graphs.Layer]:
    return [random.choice(_KEEPING) for _ in range(random.randint(1, 3))]


def _end(document: Document, random: Random, start: str, last: str, task: str, classes: int) -> None:
    if task == "mask":
        last = graphs.chain(document, last, [("convolution", {"filters": classes, "kernel": 1})])
        graphs.judge(document, last, start, "mask", random.choice(("cross_entropy", "dice_loss")))
        return
    flat = random.choice(("flatten", "global_average_pooling"))
    last = graphs.chain(document, last, [flat, ("dense", {"units": classes or 1})])
    graphs.judge(document, last, start, task, "cross_entropy" if task == "class" else "squared_error")
