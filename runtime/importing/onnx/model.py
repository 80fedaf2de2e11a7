"""An ONNX file as an editable drawing with its weights."""

from __future__ import annotations

from pathlib import Path

from onnx import inliner

from nodes.spec import spelled
from runtime.delivery.contract import Contract
from runtime.importing.imported import Imported, ImportRefused
from runtime.importing.onnx.attention import find_attention
from runtime.importing.onnx.batch_first import batch_first
from runtime.importing.onnx.chains import shorten
from runtime.importing.onnx.cubics import find_cubics
from runtime.importing.onnx.ends import output_names, refuse_own, to_raw_scores
from runtime.importing.onnx.fits import find_fits
from runtime.importing.onnx.fusing import fuse
from runtime.importing.onnx.idle import drop_idle
from runtime.importing.onnx.inputs import contract_in, entries_of, inputs_of
from runtime.importing.onnx.layers import TABLE, refusal, unknown
from runtime.importing.onnx.reading import read_model
from runtime.importing.onnx.sketch import Place, Sketch
from runtime.importing.onnx.sliding import find_windows
from runtime.importing.onnx.telling import what_is_left, what_was_taken
from runtime.importing.onnx.unrolled import find_unrolled
from runtime.importing.onnx.working_out import worked_out

SOURCE = "ONNX model"


def read(path: Path) -> Imported:
    """The network of an ONNX file as nodes, with all its weights. Raises ImportRefused with one sentence."""
    model = read_model(path)
    contract = contract_in(model)
    refuse_own(contract, path.name)
    if model.functions:
        model = inliner.inline_local_functions(model)
    taken = inputs_of(model, path.name, contract)
    program = worked_out(model, path.name, taken.sizes)
    left = to_raw_scores(program, contract)
    drop_idle(program)
    find_windows(program)
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
    left += what_is_left(sketch, taken, contract)
    said = what_was_taken(model, len(graph.nodes), len(weights), contract)
    return Imported(graph, SOURCE, weights, said, tuple(left))


def _draw(sketch: Sketch, contract: Contract | None, outputs: list[str]) -> None:
    program, entries, names = sketch.program, entries_of(contract), _names_in(contract)
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
