"""The end of a network: what belongs to the Output node here, and not to the layers before it."""

from __future__ import annotations

import onnx

from runtime.delivery.contract import Contract
from runtime.importing.imported import ImportRefused, Left
from runtime.importing.onnx.program import Program, Step

_ANSWERS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
_CHOICES = ("ArgMax",)
_CARRIES = frozenset({"Reshape", "Flatten", "Squeeze", "Identity"})


def to_raw_scores(program: Program, contract: Contract | None = None) -> list[Left]:
    """Let the outputs begin at the raw scores that losses judge: the softmax or sigmoid at the end is taken off, unless
    this program wrote the file and knows it for a layer.
    """
    left: list[Left] = []
    drawn = [one.activation == "identity" for one in contract.outputs] if contract is not None else []
    drawn += [False] * (len(program.outputs) - len(drawn))
    program.outputs = tuple(
        name if layer else _scores(program, name, left, contract is not None)
        for name, layer in zip(program.outputs, drawn, strict=False)
    )
    return left


def refuse_own(contract: Contract | None, file: str) -> None:
    """Refuse a file of this program that finds boxes, as how these are chosen is no layer, or that computes with 8-bit
    numbers. Raises ImportRefused.
    """
    if contract is not None and contract.precision == "int8":
        raise ImportRefused(
            f"{file} was exported by this program with 8-bit layers, from which the weights do not come back as they "
            "were; export it in full or half precision, or open the project that it was exported from."
        )
    if contract is not None and any(one.activation == "boxes" for one in contract.outputs):
        raise ImportRefused(
            f"{file} was exported by this program and finds boxes; how boxes are made of scores and chosen among "
            "others (non-maximum suppression) does not come back from an ONNX file. Open the project that it was "
            "exported from."
        )


def _scores(program: Program, output: str, left: list[Left], known: bool) -> str:
    makers = program.makers()
    step = makers.get(output)
    while step is not None and step.kind in (*_CARRIES, *_CHOICES) and step.kind not in _ANSWERS:
        if step.kind in _CHOICES and step.inputs[0] in makers:
            left.append(Left(
                f"{step.title}", "The network gives the scores of all classes here, and not the number of the "
                "strongest one.",
            ))  # fmt: skip
            output = step.inputs[0]
        step = makers.get(step.inputs[0]) if step.kind in _CARRIES or output == step.inputs[0] else None
    if step is None or step.kind not in _ANSWERS or step.inputs[0] not in makers or not _over_channels(program, step):
        return output
    readers = [one for one in program.readers().get(step.outputs[0], ()) if one.kind not in (*_CARRIES, *_CHOICES)]
    if readers:
        return output
    left.append(Left(
        step.title, f"The {_ANSWERS[step.kind]} at the end is left out, because losses take raw scores; the Output "
        "node makes the probabilities as soon as a loss for classes is wired to the same scores."
        + ("" if known else f" Where the network makes an image or other numbers, put {step.kind} back before it."),
    ))  # fmt: skip
    program.steps[program.steps.index(step)] = Step("Identity", step.inputs[:1], step.outputs, {}, step.name)
    return output


def _over_channels(program: Program, step: Step) -> bool:
    rank = len(program.shapes[step.outputs[0]])
    return step.kind == "Sigmoid" or int(step.attributes.get("axis", -1)) % rank == 1


def output_names(model: onnx.ModelProto) -> list[str]:
    """What the outputs of a model are called."""
    return [value.name for value in model.graph.output]
