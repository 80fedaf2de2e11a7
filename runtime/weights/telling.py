"""What became of given weights, layer by layer, in words and as a record. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from runtime.weights.namings.naming import Expected

How = Literal["taken", "summed", "shape", "channels", "missing"]
"""As they are (perhaps laid out in another shape); summed over colours; not, for its shape; not, for the channels of
the images; not in the file."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One layer with numbers of the network."""

    title: str  # as people know it
    layer: str  # in the network's state dict
    entry: str  # the layer's name in the file; "" where there is none
    how: How
    why: str = ""  # what was done otherwise, or why the layer is new

    @property
    def loaded(self) -> bool:
        """Whether it begins with the weights of the file."""
        return self.how in ("taken", "summed")


@dataclass(frozen=True, slots=True)
class Report:
    """Which layers got weights and which did not, which entries were not used, and what is to be known besides."""

    where: str  # name of the run or file
    naming: str  # whose names its layers have; "" for our own
    rows: tuple[Row, ...]
    unused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # entries of parts that the template leaves out on purpose
    expected: Expected | None = None
    in_order: bool = False  # matched by the order of shapes, which is a guess
    prepared: bool = False  # whether the drawing brings images to what is expected
    rate: float = 1.0  # that the learning rate of loaded layers is multiplied with
    frozen: int = 0  # epochs for which they stay as they are
    without: str = ""  # what it means that parts are left out
    merged: bool = False  # whether the file has normalisations merged into the layers before them

    @property
    def loaded(self) -> tuple[Row, ...]:
        """The layers that begin with these weights."""
        return tuple(row for row in self.rows if row.loaded)

    @property
    def new(self) -> tuple[Row, ...]:
        """The layers that begin at random."""
        return tuple(row for row in self.rows if not row.loaded)

    def sentences(self) -> tuple[str, ...]:
        """The report, one sentence each."""
        return tuple(self._sentences())

    def record(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "where": self.where, "naming": self.naming, "in_order": self.in_order,
            "loaded": len(self.loaded), "layers": len(self.rows), "sentences": list(self.sentences()),
            "rows": [{**asdict(row), "loaded": row.loaded} for row in self.rows], "unused": list(self.unused),
            "left_out": list(self.left_out), "expected": asdict(self.expected) if self.expected else None,
            "prepared": self.prepared, "rate": self.rate, "frozen_epochs": self.frozen,
        }  # fmt: skip

    def _sentences(self) -> Iterable[str]:
        way = f", known by the names of {self.naming}" if self.naming else ""
        if self.in_order:
            way = ", matched by the order of their shapes: this is a guess, so compare the first epoch with a new start"
        yield f"{len(self.loaded)} of {len(self.rows)} layers begin with the weights of {self.where}{way}."
        if pace := _pace(self.rate, self.frozen):
            yield pace
        for row in self.loaded:
            if row.why:
                yield f"“{row.title}”: {row.why}."
        for row in self.new:
            if row.how == "channels":
                yield f"“{row.title}” begins at random: {row.why}."
        others = [row for row in self.new if row.how == "shape"]
        if others:
            yield f"Of another shape, and so new: {some([f'“{row.title}” ({row.why})' for row in others])}."
        missing = [row for row in self.new if row.how == "missing"]
        if missing:
            yield f"Not in {self.where}, and so new: {some([f'“{row.title}”' for row in missing])}."
        if self.merged:
            yield (
                "An ONNX file may hold a normalisation merged into the weights before it, which then are others than "
                "those trained; take the weights of the run itself, or of its state dict, where you have them."
            )
        if self.left_out:
            yield f"Of parts that this network leaves out, and not used: {some(self.left_out)}. {self.without}".rstrip()
        if self.unused:
            yield f"In {self.where} only, and not used: {some(self.unused)}."
        if self.expected is not None and not self.prepared:
            yield _to_prepare(self.expected)


def _pace(rate: float, frozen: int) -> str:
    """How the loaded layers learn, "" as all others do."""
    if rate == 0:
        return "These layers stay as they are in the whole training; only new ones learn."
    first = f"stay as they are for the first {frozen} epochs" if frozen > 1 else "stay as they are in the first epoch"
    slower = f"learn at {rate:g} × the learning rate"
    if not frozen:
        return f"These layers {slower}." if rate != 1 else ""
    return f"These layers {first}, and then {slower if rate != 1 else 'learn'}."


def _to_prepare(expected: Expected) -> str:
    mean, spread = (", ".join(f"{one:g}" for one in numbers) for numbers in (expected.mean, expected.spread))
    return (
        f"These weights expect images brought to {expected.title} (values from 0 to 1, minus {mean}, divided by "
        f"{spread}), and this drawing prepares them otherwise; set Normalise so."
    )


def some(names: Sequence[str]) -> str:
    """The first of the names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def shape_words(shape: Sequence[int]) -> str:
    """A shape as people write it: 64×3×7×7."""
    return "×".join(str(side) for side in shape) or "one number"
