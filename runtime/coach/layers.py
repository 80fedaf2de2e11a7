"""Ways to change the network itself: what restrains it, how wide it is, what its images are like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nodes.augmentation import Augment, AugmentIntensity
from nodes.blocks import Argument
from nodes.boxes import AnchorBoxes, RefineBoxes
from nodes.convolution import Convolution
from nodes.dense import Dense
from nodes.preparation import Normalise, Preparation, Window
from nodes.regularization import Dropout, SpatialDropout
from nodes.roles import DataSource, Loss, Output
from nodes.spec import NodeType
from runtime.analysis import Analysis
from runtime.drawing_arguments import drawing_arguments
from runtime.expressions import is_expression, names_in
from runtime.graph import MAIN, Json, Node, Wire, block_of
from runtime.paths import place_of
from runtime.remedies.remedy import Fix, named, shape_on, type_of, wires_at
from runtime.surgery import Insert, Set

_HALF = 0.5
_WIDTHS: dict[type[NodeType], str] = {Convolution: "filters", Dense: "units"}
_WIDENING = ("filters", "units", "width", "growth")
_COUNTED = {"filters", "units"}
_BOXES = (AnchorBoxes, RefineBoxes)
_DROPOUTS = (Dropout, SpatialDropout)


def augment(analysis: Analysis) -> Iterator[Fix]:
    """Augmentation after the preparation: of geometry, then of intensity as well."""
    for kind in (Augment, AugmentIntensity):
        if not any(issubclass(type_of(analysis, node) or NodeType, kind) for node in analysis.graph.nodes):
            wires = _entrance(analysis)
            if wires:
                yield Fix(f"Insert {kind.title}", (Insert(((kind.id, ()),), wires),))
            return


def dropout(analysis: Analysis) -> Iterator[Fix]:
    """Dropout before the layer that gives the scores; of whole channels where that is a convolution."""
    for node in _ends(analysis):
        kind = type_of(analysis, node)
        layer = "dropout" if kind is Dense else "spatial_dropout" if kind is Convolution else ""
        wires = analysis.graph.wires_into(node)
        before = type_of(analysis, wires[0].source) if wires else None
        if layer and wires and before not in _DROPOUTS and shape_on(analysis, wires[0]) is not None:
            title = Dropout.title if layer == "dropout" else SpatialDropout.title
            yield Fix(f"Insert {title} before {named(analysis, node)}", (Insert(((layer, ()),), wires[:1]),))


def less_dropout(analysis: Analysis) -> Iterator[Fix]:
    """Half the rate of every dropout."""
    edits = [
        Set(node, "rate", round(facts.type.rate * _HALF, 3))
        for node, facts in analysis.facts.items()
        if isinstance(facts.type, _DROPOUTS) and facts.type.rate > 0
    ]
    if edits:
        yield Fix("Halve the dropout", tuple(edits))


def less_augmentation(analysis: Analysis) -> Iterator[Fix]:
    """Half the chance of every augmentation."""
    edits = [
        Set(node, "probability", round(facts.type.probability * _HALF, 3))
        for node, facts in analysis.facts.items()
        if isinstance(facts.type, Augment | AugmentIntensity) and facts.type.probability > 0
    ]
    if edits:
        yield Fix("Augment half as often", tuple(edits))


def wider(analysis: Analysis) -> Iterator[Fix]:
    """Twice as many filters and features in every layer but those that give the scores, in blocks too."""
    scoring = _scoring(analysis)
    drawn = analysis.drawn.nodes.values()
    edits = tuple(edit for node in drawn if node.id not in scoring for edit in _doubled(node, analysis))
    edits += tuple(_doubled_arguments(analysis))
    if edits:
        yield Fix("Make the layers twice as wide", edits)


def hidden_layer(analysis: Analysis) -> Iterator[Fix]:
    """A hidden layer with ReLU before the layer that gives the scores."""
    for node in _ends(analysis):
        wires = analysis.graph.wires_into(node)
        layers: dict[type[NodeType] | None, tuple[str, tuple[tuple[str, Json], ...], str]] = {
            Dense: ("dense", (("units", 64),), "Dense with 64 outputs"),
            Convolution: ("convolution", (("filters", 32),), "Convolution with 32 filters"),
        }
        found = layers.get(type_of(analysis, node))
        if found is not None and wires and shape_on(analysis, wires[0]) is not None:
            type_id, settings, words = found
            label = f"Insert {words} and ReLU before {named(analysis, node)}"
            yield Fix(label, (Insert(((type_id, settings), ("relu", ())), wires[:1]),))


def normalise(analysis: Analysis) -> Iterator[Fix]:
    """Values of a size that networks learn well from."""
    kinds = [type_of(analysis, node) for node in analysis.graph.nodes]
    wires = _entrance(analysis)
    if Normalise not in kinds and Window not in kinds and wires:
        yield Fix("Insert Normalise after the images", (Insert((("normalise", ()),), wires),))


def _entrance(analysis: Analysis) -> tuple[Wire, ...]:
    """The wires into the network from the last preparation that all images of the source pass."""
    for source, facts in analysis.facts.items():
        if not isinstance(facts.type, DataSource):
            continue
        wires = _images(analysis, source, "image")
        while len(wires) == 1 and issubclass(type_of(analysis, wires[0].target) or NodeType, Preparation):
            following = _images(analysis, wires[0].target, "")
            if not following:
                break
            wires = following
        return wires
    return ()


def _images(analysis: Analysis, node: str, output: str) -> tuple[Wire, ...]:
    """The wires that bring what leaves the node to layers; a loss that compares with the image keeps it as it is."""
    return tuple(
        wire
        for wire in analysis.graph.wires
        if wire.source == node and (not output or wire.output == output) and wire.input != "target"
        and not issubclass(type_of(analysis, wire.target) or NodeType, Loss)
    )  # fmt: skip


def _ends(analysis: Analysis) -> list[str]:
    """The nodes whose scores are judged or given out."""
    judges = [node for node in analysis.graph.nodes if issubclass(type_of(analysis, node) or NodeType, (Loss, Output))]
    return list(dict.fromkeys(wire.source for node in judges for wire in wires_at(analysis, node, "prediction")))


def _scoring(analysis: Analysis) -> set[str]:
    """The nodes, as drawn, whose channels judges, outputs and boxes ask for: the last ones with filters or units."""
    heads = [node for node in analysis.graph.nodes if issubclass(type_of(analysis, node) or NodeType, _BOXES)]
    ends = [*_ends(analysis), *(wire.source for node in heads for wire in wires_at(analysis, node, "scores"))]
    return {place_of(_last_wide(analysis, end))[1] for end in ends}


def _last_wide(analysis: Analysis, node: str) -> str:
    """The node, or the first before it that says how many channels there are; no further than where wires meet."""
    while (kind := type_of(analysis, node)) is not None and not {one.name for one in kind.settings()} & _COUNTED:
        before = analysis.graph.wires_into(node)
        if len(before) != 1:
            break
        node = before[0].source
    return node


def _doubled(node: Node, analysis: Analysis) -> Iterator[Set]:
    kind = analysis.drawn.find(node.type)
    setting = _WIDTHS.get(kind) if kind is not None else None
    if kind is None or setting is None:
        return
    usual = next(one.default for one in kind.settings() if one.name == setting)
    width = node.settings.get(setting, usual)
    if isinstance(width, int) and not isinstance(width, bool):
        yield Set(node.id, setting, 2 * width)  # a text is computed from an argument


def _doubled_arguments(analysis: Analysis) -> Iterator[Set]:
    """The arguments of the whole drawing by which its nodes and blocks are as wide as they are."""
    nodes = analysis.drawn.on(MAIN)
    settings = [one for node in nodes.values() for one in node.settings.items() if not _counts_copies(node, one[0])]
    named_there = _named_in(settings, _WIDENING) - _named_in(settings, ("size",))  # larger images are not wider layers
    given, _ = drawing_arguments(nodes.values())
    for node in nodes.values():
        value = given.get(node.name)
        if node.type == Argument.id and node.name in named_there and type(value) is int:
            yield Set(node.id, "default", str(2 * value))


def _counts_copies(node: Node, setting: str) -> bool:
    """Whether the setting says how many units of a block follow each other, and not how wide a layer is."""
    return setting == "units" and bool(block_of(node.type))


def _named_in(settings: list[tuple[str, Json]], wanted: Sequence[str]) -> set[str]:
    """The arguments that the settings of these names are computed from."""
    raws = (raw for name, raw in settings if name in wanted)
    return {name for raw in raws if is_expression(raw) for name in names_in(raw)}
