"""What is told of an imported ONNX model: what was taken, what an Input node cannot hold of it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from nodes.spec import spelled
from runtime.data.wording import counted
from runtime.delivery.contract import SIGNALS, Contract, InputContract
from runtime.importing.imported import Left
from runtime.importing.onnx.inputs import Taken, entries_of
from runtime.importing.onnx.program import Sizes
from runtime.importing.onnx.reading import opset_of
from runtime.importing.onnx.sketch import Sketch

_CHANNELS_AND_SIDES = (3, 4)  # numbers in the shape of an image or a volume


def what_was_taken(model: onnx.ModelProto, nodes: int, tensors: int, contract: Contract | None) -> tuple[str, ...]:
    """Sentences on the network, its weights and what it answers for."""
    maker = f", written by {model.producer_name[:40]}" if model.producer_name else ""
    operators = counted(len(model.graph.node), "operator")
    said = [f"A network of {operators} (operator set {opset_of(model)}{maker}) became {counted(nodes, 'node')}."]
    if tensors:
        said.append(f"{counted(tensors, 'tensor')} of weights, which training begins with.")
    answers = contract.outputs if contract is not None else ()
    said += [f"“{one.name}” answers for the classes {', '.join(one.classes)}." for one in answers if one.classes]
    return tuple(said)


def what_is_left(sketch: Sketch, taken: Taken, contract: Contract | None) -> list[Left]:
    """What the drawing does not hold, or holds in another way."""
    return [*_open_sizes(taken), *_about_inputs(sketch, contract), *_about_patches(sketch), *_twice(sketch)]


def _open_sizes(taken: Taken) -> list[Left]:
    return [
        Left(
            f"The free size of the input “{name}”",
            f"The file leaves it open; {spelled(shape)} was taken. Change the shape of the Input node where another "
            "is wanted; layers such as Dense may then need new sizes.",
        )
        for name, shape in taken.open.items()
    ]


def _about_inputs(sketch: Sketch, contract: Contract | None) -> list[Left]:
    told, program, nodes = entries_of(contract), sketch.program, sketch.document.nodes
    found = []
    for name, shape in program.inputs.items():
        node_id = sketch.places[name].node
        if nodes[node_id].type != "input":
            continue
        title, entry = nodes[node_id].name, told.get(name)
        unknown = (f"What the values at “{title}” mean", _unknown(shape[1:], name in program.whole))
        found.append(Left(*(unknown if entry is None else _known(title, entry)), node_id))
    return found


def _unknown(shape: Sizes, whole: bool) -> str:
    """What to do at an input that the file says nothing of."""
    if whole:
        return "The file takes whole numbers there, such as those of words, and does not say what they stand for."
    if len(shape) in _CHANNELS_AND_SIDES:
        return (
            "The file does not say which range or normalisation its images need. Put a source of images in the place "
            "of this Input, and Normalise behind it, as the network was trained."
        )
    return (
        f"The file does not say what its {spelled(shape)} numbers are, nor in which range they lie. Put a source of "
        "such data in the place of this Input (Table for a list of numbers, Signals for leads × samples)."
    )


def _known(title: str, entry: InputContract) -> tuple[str, str]:
    """What a file of this program takes at an input, and which source gives that here."""
    size = spelled(entry.size)
    here = f"put one in the place of this Input, with this size and “{entry.rule}”."
    if entry.feed == "class":
        return f"Which class is wanted, at “{title}”", (
            f"One number for each of {_listed(entry.classes)}: 1 for the one wanted and 0 for the others. Put Class as "
            "input in the place of this Input, and wire the label of a source to it."
        )
    if entry.columns:
        return f"The columns of the table at “{title}”", (
            f"Put a Table in the place of this Input, with the columns {_listed(entry.columns)} in this order."
        )
    if entry.rule is None:
        numbers = spelled((entry.channels, *entry.size))
        return f"What the values at “{title}” mean", f"{numbers} numbers were given by hand; the file says no more."
    if entry.units == SIGNALS:
        return f"The fitting of signals at “{title}”", (
            f"Signals of any length are brought to {size} samples ({entry.rule}) by the file. Here a source of signals "
            f"does that: {here}"
        )
    return f"The fitting of images at “{title}”", (
        f"Images of any size are brought to {size} ({entry.rule}) by the file. Here a source of images does that: "
        f"{here}"
    )


def _about_patches(sketch: Sketch) -> list[Left]:
    return [
        Left(
            f"Which share of the pieces of “{node.name}” lay on the foreground",
            "Pieces are drawn so in training only; the file does not say it. Set it at the node.", node_id,
        )
        for node_id, node in sketch.document.nodes.items()
        if node.type == "patches"
    ]  # fmt: skip


def _twice(sketch: Sketch) -> list[Left]:
    """Weights that several layers share are copied for each."""
    uses: dict[int, list[str]] = {}
    for node_id, own in sketch.weights.items():
        if (weight := own.get("weight")) is not None and (weight != weight.flat[0]).any():
            base = weight if weight.base is None else weight.base
            uses.setdefault(id(base), []).append(sketch.document.nodes[node_id].name)
    return [
        Left(
            f"Weights shared by {_listed([f'“{name}”' for name in names[:4]])}",
            "Each layer has its own copy of them here, which training then changes apart.",
        )
        for names in uses.values()
        if len(names) > 1
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
