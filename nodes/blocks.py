"""Blocks: what a sheet needs to be used as a node, and the type of such a node, made from the sheet."""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from types import new_class
from typing import Any, ClassVar, Literal

from nodes.settings import Form, Setting, WrongValue
from nodes.spec import Category, Kind, NodeType, Port, Unfit, Values, setting
from nodes.trained import pace_words

USE = "block:"
"""What the type id of a use begins with; the block's id follows."""

Drawn = tuple[str, str, str, Mapping[str, object]]
"""A node of a block's sheet: its id, type, name and raw settings."""


class BlockPort(NodeType, category=Category.BLOCK, words="block port input output parameter sub-network unit"):
    """One end of a block. On the block's sheet it is a node; where the block is used it is a port with its name."""

    entry: ClassVar[bool]  # whether it leads into the block
    kind: ClassVar[Kind]

    help: str = setting("", "What comes or goes here, for whoever uses the block.")


class _Entry(BlockPort):
    entry = True

    def __init_subclass__(cls, *, kind: Kind, **rest: Any) -> None:
        cls.kind = kind
        cls.inputs = (Port("in", kind, outside=True),)
        cls.outputs = (Port("out", kind),)
        super().__init_subclass__(**rest)


class _Exit(BlockPort):
    entry = False

    def __init_subclass__(cls, *, kind: Kind, **rest: Any) -> None:
        cls.kind = kind
        cls.inputs = (Port("in", kind),)
        cls.outputs = (Port("out", kind, outside=True),)
        super().__init_subclass__(**rest)


class BlockInput(_Entry, id="block_input", title="Block input", kind=Kind.TENSOR):
    """Where an image or features enter this block. Each one is an input of every node that uses the block."""


class BlockTargetInput(_Entry, id="block_target_input", title="Block target input", kind=Kind.TARGET):
    """Where a target (class, number or mask) enters this block. Each one is an input of every node that uses it."""


class BlockLossInput(_Entry, id="block_loss_input", title="Block loss input", kind=Kind.LOSS):
    """Where a loss enters this block, on its way to an optimizer. Each one is an input of every node that uses it."""


class BlockOutput(_Exit, id="block_output", title="Block output", kind=Kind.TENSOR):
    """Where an image or features leave this block. Each one is an output of every node that uses the block."""


class BlockTargetOutput(_Exit, id="block_target_output", title="Block target output", kind=Kind.TARGET):
    """Where a target leaves this block, when its source lies inside. Each is an output of every node that uses it."""


class BlockLossOutput(_Exit, id="block_loss_output", title="Block loss output", kind=Kind.LOSS):
    """Where a loss leaves this block. Each one is an output of every node that uses the block."""


class Argument(NodeType, id="argument", title="Argument", category=Category.BLOCK, words="parameter variable value"):
    """A setting of this sheet: of a block, given anew wherever the block is used; on the main sheet, of the whole
    drawing. Its name is used in the settings of the nodes on the sheet: “=width”, or “=2*width” in a number field.
    """

    inputs = ()
    outputs = ()

    kind: Literal["whole number", "number", "on or off", "text"] = setting("whole number", "What kind of value it is.")
    default: str = setting("1", "Its value; that of a block holds where a use gives none.", brief=True)
    low: float = setting(0.0, "The smallest number that fits.")
    multiple: int = setting(
        1, "Of whole numbers, those that fit are multiples of this: 8 where three poolings halve an image's side.",
        low=1,
    )  # fmt: skip
    help: str = setting("", "What it changes, for whoever uses it.")

    def infer(self) -> Values:
        self.value()
        return {}

    def value(self) -> Any:
        """The default as a value of the kind. Raises Unfit."""
        switch = {"on": True, "off": False, "true": True, "false": False, "yes": True, "no": False}
        raw = switch.get(self.default.lower(), self.default) if self.kind == "on or off" else self.default
        form = _FORMS[self.kind]
        low = self.low if form in (Form.INTEGER, Form.NUMBER) else None
        multiple = self.multiple if form == Form.INTEGER else 1
        known = Setting(name="default", form=form, default="", help="", label="Default", low=low, multiple=multiple)
        try:
            return known.read(raw)
        except WrongValue as error:
            raise Unfit(str(error), "default") from None

    def nearest(self) -> int | None:
        """The nearest whole number that fits, for what is computed from a value that does not; None for no number."""
        try:
            number = int(replace(self, low=-math.inf, multiple=1).value())
            lowest = math.ceil(self.low / self.multiple) * self.multiple
        except (Unfit, ValueError, OverflowError):
            return None
        return max(lowest, round(number / self.multiple) * self.multiple)


class BlockUse(NodeType, category=Category.BLOCK):
    """A block, used as a node."""

    block: ClassVar[str] = ""
    inputs: ClassVar[tuple[Port, ...]] = ()
    outputs: ClassVar[tuple[Port, ...]] = ()

    repeat: int = setting(
        1, "How many copies follow each other, each with its own weights: the first output of one enters the first "
        "input of the next.", low=0,
    )  # fmt: skip
    weights: Literal["own", "shared"] = setting(
        "own", "Own weights for this use, or one set for all uses of this block that say “shared”."
    )
    rate_factor: float = setting(
        1.0, "Multiplies the learning-rate factor of every node in this use. 0 freezes the block as a whole: weights "
        "and running statistics stay as they are, while the nodes before it still learn.",
        label="Learning-rate factor", low=0.0, high=1000.0, folded=True,
    )  # fmt: skip
    frozen_epochs: int = setting(
        0, "For so many epochs at the start all nodes in this use stay as they are, as if frozen; from the next one on "
        "they learn. 0 lets them learn from the start.",
        label="Frozen at first", unit="epochs", low=0, folded=True,
    )  # fmt: skip

    @classmethod
    @cache
    def settings(cls) -> tuple[Setting, ...]:
        """The block's arguments, then what every use has."""
        declared = super().settings()
        usual = [one for one in declared if one.name in OF_EVERY_USE]
        return (*(one for one in declared if one not in usual), *usual)

    @property
    def frozen(self) -> bool:
        """Whether training leaves all that it holds as it is."""
        return self.rate_factor == 0

    def summary(self) -> str:
        """How it learns; its arguments; how often it is repeated; whether its weights are shared."""
        given = super().summary()
        pace = pace_words(self.rate_factor, self.frozen_epochs)
        parts = [f"×{self.repeat}"] * (self.repeat != 1) + ["shared"] * (self.weights == "shared")
        return " · ".join(part for part in (pace, given, *parts) if part)


def is_argument_name(name: str) -> bool:
    """Whether an argument may be called so: it becomes a name in expressions."""
    return name.isidentifier() and not keyword.iskeyword(name) and name not in RESERVED


OF_EVERY_USE = ("repeat", "weights", "rate_factor", "frozen_epochs")
"""The settings of a use that are no arguments of its block."""

RESERVED = frozenset({*OF_EVERY_USE, "block", "kind", "id", "title", "inputs", "outputs", "self"})
_FORMS = {
    "whole number": Form.INTEGER,
    "number": Form.NUMBER,
    "on or off": Form.SWITCH,
    "text": Form.TEXT,
}
_HINTS: Mapping[str, type] = {"whole number": int, "number": float, "on or off": bool, "text": str}


def block_type(block_id: str, title: str, about: str, drawn: Iterable[Drawn]) -> type[BlockUse]:
    """The type of the nodes that use a block, whose sheet holds the `drawn` nodes: the ports and arguments count.

    The same declaration gives the same type.
    """
    ports, arguments = [], []
    for node_id, type_id, name, raw in drawn:
        kind = _ENDS.get(type_id)
        if kind is not None:
            ports.append((node_id, type_id, name, str(raw.get("help") or "")))
        elif type_id == Argument.id:
            arguments.append((name, Argument.read(raw)[0]))
    return _made(block_id, title, about, tuple(ports), tuple(arguments))


@lru_cache(maxsize=512)
def _made(
    block_id: str,
    title: str,
    about: str,
    ports: tuple[tuple[str, str, str, str], ...],
    arguments: tuple[tuple[str, Argument], ...],
) -> type[BlockUse]:
    def fill(body: dict[str, Any]) -> None:
        body["__doc__"] = about or f"The block “{title}”; double-click to see what is in it."
        body["__module__"] = __name__
        body["block"] = block_id
        body["inputs"] = tuple(_port(port) for port in ports if _ENDS[port[1]].entry)
        body["outputs"] = tuple(_port(port) for port in ports if not _ENDS[port[1]].entry)
        body["__annotations__"] = {}
        for name, argument in arguments:
            if is_argument_name(name) and name not in body["__annotations__"]:
                body["__annotations__"][name] = _HINTS[argument.kind]
                body[name] = _field(name, argument)

    made: type[BlockUse] = new_class(f"Use_{block_id}", (BlockUse,), {"title": title}, fill)
    made.id = USE + block_id  # not registered: it belongs to its document
    return made


def _port(port: tuple[str, str, str, str]) -> Port:
    node_id, type_id, name, help = port
    return Port(node_id, _ENDS[type_id].kind, help=help, label=name)


def _field(name: str, argument: Argument) -> Any:
    try:
        default = argument.value()
    except Unfit:
        default = _HINTS[argument.kind]()
    low = argument.low if argument.kind in ("whole number", "number") else None
    multiple = argument.multiple if argument.kind == "whole number" else 1
    help = argument.help or f"The argument “{name}” of the block."
    return setting(default, help, label=name, low=low, multiple=multiple, brief=True)


_ENDS: Mapping[str, type[BlockPort]] = {
    kind.id: kind
    for kind in (BlockInput, BlockTargetInput, BlockLossInput, BlockOutput, BlockTargetOutput, BlockLossOutput)
}
