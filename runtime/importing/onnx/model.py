"""An ONNX file as an editable drawing with its weights."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import inliner

from nodes.spec import spelled
from runtime.delivery.contract import SIGNALS, Contract, InputContract
from runtime.importing.imported import Imported, ImportRefused, Left
from runtime.importing.onnx.attention import find_attention
from runtime.importing.onnx.batch_first import batch_first
from runtime.importing.onnx.chains import shorten
from runtime.importing.onnx.cubics import find_cubics
from runtime.importing.onnx.ends import output_names, refuse_boxes, to_raw_scores
from runtime.importing.onnx.fits import find_fits
from runtime.importing.onnx.fusing import fuse
from runtime.importing.onnx.idle import drop_idle
from runtime.importing.onnx.inputs import Taken, contract_in, inputs_of
from runtime.importing.onnx.layers import TABLE, refusal, unknown
from runtime.importing.onnx.reading import opset_of, read_model
from runtime.importing.onnx.sketch import Place, Sketch
from runtime.importing.onnx.unrolled import find_unrolled
from runtime.importing.onnx.working_out import worked_out

SOURCE = "ONNX model"


def read(path: Path) -> Imported:
    """The network of an ONNX file as nodes, with all its weights. Raises ImportRefused with one sentence."""
    model = read_model(path)
    contract = contract_in(model)
    refuse_boxes(contract, path.name)
    if model.functions:
        model = inliner.inline_local_functions(model)
    taken = inputs_of(model, path.name, contract)
    program = worked_out(model, path.name, taken.sizes)
    left = to_raw_scores(program, contract)
    drop_idle(program)
    find_unrolled(program)
    find_fits(program)
    find_cubics(program)
    batch_first(program)
    fuse(program)
    find_attention(program)
    shorten(program)
    if unfit := unknown(program.steps):
        raise ImportRefused(refusal(path.name, unfit))
    sketch = Sketch(program)
    with sketch.document.edit("Import"):
        _draw(sketch, contract, output_names(model))
        graph = sketch.graph()
    weights = sketch.state(graph)
    left += [*_open_sizes(taken), *_about_inputs(sketch, contract), *_twice(sketch)]
    said = _said(model, sketch, len(weights), contract)
    return Imported(graph, SOURCE, weights, said, tuple(left))


def _draw(sketch: Sketch, contract: Contract | None, outputs: list[str]) -> None:
    program, entries, names = sketch.program, _entries(contract), _names_in(contract)
    for name, shape in program.inputs.items():
        title = names.get(name) or _title(name, "Input")
        noise = name in entries and entries[name].feed == "noise"
        node_id = sketch.document.add("noise" if noise else "input", title, settings={"shape": list(shape[1:])})
        sketch.places[name] = Place(node_id, "image", shape[1:])
        sketch.inputs.add(node_id)
    for step in program.steps:
        sketch.step = step
        made = TABLE[step.kind](sketch)
        places = [made] if isinstance(made, Place) else list(made)
        for at, (name, place) in enumerate(zip(step.outputs, places, strict=False)):
            if sketch.is_read(at):
                _check(sketch, name, place)
                sketch.places[name] = place
    for name, told in zip(program.outputs, outputs, strict=True):
        if name not in sketch.places:
            raise ImportRefused(f"The output “{told}” of {program.file} does not depend on its input.")
        sketch.draw("output", [sketch.places[name]], name=names.get(told) or _title(told, "Output"))
    sketch.prune()


def _check(sketch: Sketch, name: str, place: Place) -> None:
    """A shape that differs from the file's own would give other numbers without a word."""
    wanted = sketch.inner(name)
    if place.shape != wanted:
        raise sketch.refusal(f"gives {spelled(wanted)}, and the layers here would give {spelled(place.shape)}")


def _title(name: str, usual: str) -> str:
    short = name.rsplit("/", 1)[-1]
    return short if short and not short.isdigit() and len(short) <= 40 else usual


def _names_in(contract: Contract | None) -> dict[str, str]:
    if contract is None:
        return {}
    inputs, outputs = contract.inputs, contract.outputs
    return {one.tensor: one.name for one in inputs} | {one.tensor: one.name for one in outputs}


def _said(model: onnx.ModelProto, sketch: Sketch, tensors: int, contract: Contract | None) -> tuple[str, ...]:
    operators, nodes = len(model.graph.node), len(sketch.document.nodes)
    maker = f", written by {model.producer_name[:40]}" if model.producer_name else ""
    said = [
        f"A network of {operators:,} operators (operator set {opset_of(model)}{maker}) became {nodes:,} nodes.",
        f"{tensors:,} tensors of weights were taken over.",
    ]
    answers = contract.outputs if contract is not None else ()
    said += [f"“{one.name}” answers for the classes {', '.join(one.classes)}." for one in answers if one.classes]
    return tuple(said)


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
    told = _entries(contract)
    drawn = sketch.document.nodes
    places = {name: sketch.places[name].node for name in sketch.program.inputs}
    return [
        Left(*_about_input(drawn[node_id].name, told.get(name)), node_id)
        for name, node_id in places.items()
        if drawn[node_id].type == "input"
    ]


def _entries(contract: Contract | None) -> dict[str, InputContract]:
    return {entry.tensor: entry for entry in contract.inputs} if contract is not None else {}


def _about_input(title: str, entry: InputContract | None) -> tuple[str, str]:
    """What an Input node cannot hold of what the file takes there, and what to do."""
    if entry is None:
        return f"What the values at “{title}” mean", (
            "The file does not say which range or normalisation its images need. Put a source of images in the place of "
            "this Input, and Normalise behind it, as the network was trained."
        )
    if entry.feed == "class":
        return f"Which class is wanted, at “{title}”", (
            f"One number for each of {', '.join(entry.classes)}: 1 for the one wanted and 0 for the others. Put Class as "
            "input in the place of this Input, and wire the label of a source to it."
        )
    if entry.columns:
        return f"The columns of the table at “{title}”", (
            f"Put a Table in the place of this Input, with the columns {', '.join(entry.columns)} in this order."
        )
    if entry.rule is None:
        return f"What the values at “{title}” mean", (
            f"{spelled((entry.channels, *entry.size))} numbers were given by hand; the file does not say which."
        )
    size = spelled(entry.size)
    if entry.units == SIGNALS:
        return f"The fitting of signals at “{title}”", (
            f"Signals of any length are brought to {size} samples ({entry.rule}) by the file. Here a source of signals does "
            f"that: put one in the place of this Input, with this length and “{entry.rule}”."
        )
    return f"The fitting of images at “{title}”", (
        f"Images of any size are brought to {size} ({entry.rule}) by the file. Here a source of images does that: put one "
        f"in the place of this Input, with this size and “{entry.rule}”."
    )


def _twice(sketch: Sketch) -> list[Left]:
    """Weights that several layers share are copied for each."""
    uses: dict[int, list[str]] = {}
    for node_id, own in sketch.weights.items():
        if (weight := own.get("weight")) is not None and (weight != weight.flat[0]).any():
            base = weight if weight.base is None else weight.base
            uses.setdefault(id(base), []).append(sketch.document.nodes[node_id].name)
    return [
        Left(
            f"Weights shared by {', '.join(f'“{name}”' for name in names[:4])}",
            "Each layer has its own copy of them here, which training then changes apart.",
        )
        for names in uses.values()
        if len(names) > 1
    ]
