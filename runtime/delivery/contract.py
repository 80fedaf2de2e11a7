"""What a trained model takes and gives: written into every exported file, read by prediction. No torch."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from nodes.roles import Activation, DataSource, Fitting, Task, feed_of
from nodes.signals import Signals
from nodes.sources import PatchUnit, Take
from nodes.spec import Shape, Target
from runtime.analysis import Analysis
from runtime.attach import sources_in_use
from runtime.data.units import unit_of
from runtime.delivered import as_delivered
from runtime.delivery.seen import Seen, read_seen
from runtime.errors import RunError
from runtime.leading import drawn_apart
from runtime.names import identifiers
from runtime.plan import FittedSize, Plan, fits_of, plan_of
from runtime.taking import taken_in

KEY = "netloom"
UNITS = "real units: stored values after rescale slope and intercept (Hounsfield units for CT), MONOCHROME1 inverted"
SIGNALS = "signals as leads × samples: millivolts where DICOM names volts, else as stored"
NUMBERS = "the numbers of a table in the order of `columns`, as they stand there"
USE = "Research use only. Not a medical device; not for diagnosis or treatment."
BOX = 6  # numbers of a box: left, top, right, bottom in pixels of what the model fits images to, probability, class
Precision = Literal["single", "half", "int8"]


@dataclass(frozen=True, slots=True)
class InputContract:
    """One input: float32 (N, channels, *any size) for images, which the model itself brings to `size` by `rule`."""

    name: str
    tensor: str  # its name in the ONNX file
    feed: str  # "data": images; "given": by hand; "noise": drawn from the normal distribution; "class": one-hot
    channels: int
    size: tuple[int, ...]
    rule: Fitting | None  # None: not fitted, the size must be given exactly
    units: str = ""
    modality: str = ""
    take: Take = "as found"  # what makes one image; of neighbouring slices the channels are the slices, in order
    neighbours: int = 0
    spacing_mm: tuple[float, ...] = ()  # to which images are resampled before they are given; () = as found
    columns: tuple[str, ...] = ()  # of a table: the names of its numbers, in order
    column_units: tuple[str, ...] = ()  # of these, "" where their names do not say
    missing: str = ""  # of a table: "mean" where a number may be NaN, "leave out" where none may
    classes: tuple[str, ...] = ()  # of "class", in the order of its channels
    seen: Seen | None = None  # what the training images were like; None where nobody looked
    patch: tuple[float, ...] = ()  # an image is a patch round a point: its sides; () = a whole image
    patch_unit: PatchUnit = "pixels"  # of these sides
    leads: tuple[str, ...] = ()  # of signals: the names of the channels, in order; () unnamed
    rate_hz: float = 0.0  # of signals: samples per second to which they are brought before they are given; 0 not known
    stored_rate_hz: float = 0.0  # of signals: that of files which do not say theirs; 0 not known
    drawn: bool = False  # whether its images belong to none of the other inputs: any may lie beside any


@dataclass(frozen=True, slots=True)
class OutputContract:
    """One output: its task, the function that made the answer from raw scores, and the names of its channels.

    Boxes are (boxes, 6): left, top, right, bottom on what the fits gave, probability, class index (-1: none).
    `fits` are the steps by which the pixels of the first image input that it needs came to the size that it lies on.
    Of several numbers, `classes` are their names; `units` are those of numbers, () where none is known.
    `thresholds`, by the name of a class, are of the probabilities as the model gives them; `temperature` is what the
    scores behind them are divided by to make them fit how often they are right (Guo et al. 2017, arXiv:1706.04599).
    """

    name: str
    tensor: str
    task: Task | None
    activation: Activation
    classes: tuple[str, ...]
    shape: Shape
    fits: tuple[FittedSize, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 1.0
    units: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # the tensors of the inputs that it is made of; () where nothing says so


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything a reader of the exported file must know.

    `card` says in words and numbers how the model came to be. `loss` is what a smaller precision costs on validation
    cases: for each measure its value in single precision and in this one.
    """

    inputs: tuple[InputContract, ...]
    outputs: tuple[OutputContract, ...]
    checked_cases: int = 0
    max_abs_difference: float | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    precision: Precision = "single"
    loss: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": 1, "use": USE, **asdict(self)}, ensure_ascii=False, allow_nan=False)

    def answerable(self, given: Collection[int]) -> tuple[int, ...]:
        """The outputs, by number, that need no other inputs than those of these numbers."""
        tensors = {self.inputs[number].tensor for number in given}
        return tuple(number for number, one in enumerate(self.outputs) if one.needs and tensors.issuperset(one.needs))


def contract_of(analysis: Analysis) -> Contract:
    """The contract of the deployed model. Raises GraphError as plan_of does."""
    plan = plan_of(analysis, deployed=True)
    drawn = drawn_apart(analysis) if sources_in_use(analysis.graph) else ()
    analysis = as_delivered(analysis)
    names = identifiers(analysis.graph)
    inputs = tuple(
        replace(_input(analysis, node_id, names[node_id]), drawn=node_id in drawn) for node_id in plan.inputs
    )
    return Contract(inputs, tuple(_output(analysis, plan, node_id, names[node_id]) for node_id in plan.outputs))


def _input(analysis: Analysis, node_id: str, name: str) -> InputContract:
    facts = analysis.facts[node_id]
    shape = facts.shape or ()
    title = facts.node.name
    if not isinstance(facts.type, DataSource):
        target = facts.inputs.get("target")
        classes = target.classes if isinstance(target, Target) else ()
        return InputContract(title, name, feed_of(facts.type) or "given", shape[0], shape[1:], None, classes=classes)
    if facts.type.tabular:
        columns = tuple(getattr(facts.type, "found_columns", ()))
        return InputContract(
            title, name, "data", shape[0], (), None, NUMBERS, columns=columns,
            column_units=tuple(map(unit_of, columns)), missing=str(getattr(facts.type, "missing", "")),
        )  # fmt: skip
    (fitted,) = fits_of(analysis, node_id)
    modality = str(getattr(facts.type, "modality", ""))
    if isinstance(facts.type, Signals):
        return InputContract(
            title, name, "data", shape[0], fitted.size, fitted.rule, SIGNALS, modality, leads=facts.type.found_leads,
            rate_hz=facts.type.found_rate, stored_rate_hz=facts.type.stored_rate,
        )  # fmt: skip
    taken = taken_in(facts.type)
    beside = taken.neighbours if taken.take == "neighbouring slices" else 0
    return InputContract(
        title, name, "data", shape[0], fitted.size, fitted.rule, UNITS, modality, taken.take, beside, taken.spacing,
        patch=taken.patch.sides if getattr(facts.type, "points", "") else (), patch_unit=taken.patch.unit,
    )  # fmt: skip


def _output(analysis: Analysis, plan: Plan, node_id: str, name: str) -> OutputContract:
    meaning = analysis.meanings[node_id]
    source, port = plan.outputs[node_id]
    flow = analysis.facts[source].outputs[port]
    needed = _before(analysis, source)
    kinds = {fed: analysis.facts[fed].type for fed in plan.inputs if fed in needed}
    images = [fed for fed, kind in kinds.items() if isinstance(kind, DataSource) and not kind.tabular]
    fits = fits_of(analysis, images[0], flow.geometry.get(images[0]) or ()) if images else ()
    shape = flow.value if isinstance(flow.value, tuple) else ()
    if meaning.activation == "boxes":
        shape = (shape[-1], BOX)
    title, names = analysis.graph.nodes[node_id].name, identifiers(analysis.graph)
    return OutputContract(
        title, name, meaning.task, meaning.activation, meaning.classes, shape, fits, units=meaning.units,
        needs=tuple(names[fed] for fed in kinds),
    )  # fmt: skip


def _before(analysis: Analysis, node_id: str) -> set[str]:
    """A node, and all that leads into it."""
    found, waiting = set[str](), [node_id]
    while waiting:
        node_id = waiting.pop()
        if node_id not in found:
            found.add(node_id)
            waiting += [wire.source for wire in analysis.graph.wires_into(node_id)]
    return found


def parse(text: str) -> Contract:
    """The contract in a file's metadata, which anyone may have written. Raises RunError."""
    try:
        record = json.loads(text)
        inputs = tuple(_read_input(entry) for entry in record["inputs"])
        outputs = tuple(_read_output(entry) for entry in record["outputs"])
        difference = record.get("max_abs_difference")
        return Contract(
            inputs, outputs, int(record.get("checked_cases", 0)), None if difference is None else float(difference),
            dict(record.get("card", {})), _one_of(record.get("precision", "single"), Precision),
            {str(name): (float(one), float(other)) for name, (one, other) in record.get("loss", {}).items()},
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RunError(f"The “{KEY}” description in the file's metadata cannot be read ({error}).") from error


def _read_input(entry: Mapping[str, Any]) -> InputContract:
    rule = entry["rule"]
    return InputContract(
        str(entry["name"]), str(entry["tensor"]), str(entry["feed"]), int(entry["channels"]), _sizes(entry["size"]),
        None if rule is None else _one_of(rule, Fitting), str(entry.get("units", "")), str(entry.get("modality", "")),
        _one_of(entry.get("take", "as found"), Take), int(entry.get("neighbours", 0)),
        tuple(float(side) for side in entry.get("spacing_mm", ())),
        tuple(map(str, entry.get("columns", ()))), tuple(map(str, entry.get("column_units", ()))),
        str(entry.get("missing", "")), tuple(map(str, entry.get("classes", ()))),
        read_seen(entry["seen"]) if entry.get("seen") else None,
        tuple(float(side) for side in entry.get("patch", ())),
        _one_of(entry.get("patch_unit", "pixels"), PatchUnit), tuple(map(str, entry.get("leads", ()))),
        _rate(entry.get("rate_hz", 0.0)), _rate(entry.get("stored_rate_hz", 0.0)), bool(entry.get("drawn", False)),
    )  # fmt: skip


def _read_output(entry: Mapping[str, Any]) -> OutputContract:
    task = entry["task"]
    fits = tuple(FittedSize(_sizes(fit["size"]), _one_of(fit["rule"], Fitting)) for fit in entry["fits"])
    return OutputContract(
        str(entry["name"]), str(entry["tensor"]), None if task is None else _one_of(task, Task),
        _one_of(entry["activation"], Activation), tuple(str(name) for name in entry["classes"]),
        _shape(entry["shape"]), fits, _thresholds(entry.get("thresholds", {})), _temperature(entry),
        tuple(map(str, entry.get("units", ()))), tuple(map(str, entry.get("needs", ()))),
    )  # fmt: skip


def _thresholds(raw: Mapping[str, Any]) -> Mapping[str, float]:
    found = {str(name): float(value) for name, value in raw.items()}
    if not all(0 <= value <= 1 for value in found.values()):
        raise ValueError("a threshold outside of 0 and 1")
    return found


def _temperature(entry: Mapping[str, Any]) -> float:
    value = float(entry.get("temperature", 1.0))
    if not 0 < value < math.inf:
        raise ValueError(f"the temperature {value}")
    return value


def _rate(raw: Any) -> float:
    rate = float(raw)
    if not 0 <= rate < math.inf:
        raise ValueError(f"the sampling rate {rate}")
    return rate


def _shape(raw: Any) -> Shape:
    shape = _sizes(raw)
    if not shape:
        raise ValueError("an output without a shape")
    return shape


def _sizes(raw: Any) -> tuple[int, ...]:
    sizes = tuple(int(size) for size in raw)
    if not all(1 <= size <= 1 << 24 for size in sizes):
        raise ValueError(f"{sizes} is no size")
    return sizes


def _one_of(raw: Any, choices: Any) -> Any:
    if raw not in get_args(choices):
        raise ValueError(f"“{raw}” is none of {', '.join(get_args(choices))}")
    return raw
