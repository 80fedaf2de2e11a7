"""The language in which a node type is declared once; everything else about it is derived from the declaration."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Self, dataclass_transform, get_type_hints

from nodes.settings import Setting, Size, WrongValue, declared, setting
from nodes.wires import Kind, Port, Shape, Target, Value, Values, spelled

__all__ = [
    "REGISTRY", "Call", "Category", "HouseRule", "Kind", "NodeType", "Port", "Setting", "Shape", "Size", "Target",
    "Unfit", "Value", "Values", "axes", "find", "function", "module", "setting", "spelled",
]  # fmt: skip


class Unfit(ValueError):
    """A shape rule refuses its input: one sentence for the user, and the setting it concerns (if one does)."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class HouseRule(Unfit):
    """A refusal of something that PyTorch would run, because what it gives is useless or a mistake."""


class Category(Enum):
    """The families of the palette, in its order; each with the letter that its nodes carry."""

    SOURCE = ("Sources", "S")
    PREPARATION = ("Preparation", "P")
    CONVOLUTION = ("Convolution", "C")
    POOLING = ("Pooling", "D")
    DENSE = ("Dense and shape", "F")
    NORMALIZATION = ("Normalisation", "N")
    ACTIVATION = ("Activation", "A")
    MERGE = ("Merge", "M")
    BOXES = ("Boxes", "X")
    OUTPUT = ("Output", "O")
    LOSS = ("Losses", "L")
    METRIC = ("Metrics", "E")
    OPTIMIZER = ("Optimizers", "Z")
    BLOCK = ("Blocks", "B")
    REMARK = ("Remarks", "R")

    def __init__(self, title: str, letter: str) -> None:
        self.title = title
        self.letter = letter


@dataclass(frozen=True, slots=True)
class Call:
    """How a node becomes PyTorch: built by compile and printed by source export, so the two cannot drift apart.

    A module is constructed with `arguments` and called with the inputs in port order. A function is called with the
    inputs (as one list if `listed`) and `arguments`. `target` is a dotted name in torch or in runtime.modules.
    """

    target: str
    arguments: Mapping[str, Any]
    is_function: bool = False
    listed: bool = False


def module(target: str, **arguments: Any) -> Call:
    """A call that constructs a torch module."""
    return Call(target, arguments)


def function(target: str, *, listed: bool = False, **arguments: Any) -> Call:
    """A call of a plain function of tensors."""
    return Call(target, arguments, is_function=True, listed=listed)


REGISTRY: dict[str, type[NodeType]] = {}


def _none(*_node: object, **_inputs: object) -> int:
    return 0


@dataclass_transform(field_specifiers=(setting,), frozen_default=True, kw_only_default=True)
class NodeType:
    """A kind of node. A subclass with an `id` is registered; one without is a base for others.

    The subclass docstring is what users read: its first sentences are the tooltip, the whole is the reference page.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    category: ClassVar[Category]
    words: ClassVar[str] = ""  # synonyms and purposes, for the search
    inputs: ClassVar[tuple[Port, ...]] = (Port("image"),)
    outputs: ClassVar[tuple[Port, ...]] = (Port("out"),)
    example: ClassVar[tuple[Value, ...]] = ()  # one value for each input port: what the contract test starts from
    renamed: ClassVar[Mapping[str, str]] = {}  # old name of a setting -> name of today
    geometry: ClassVar[bool] = False  # moves pixels, so masks of the same source must move along
    follows: ClassVar[str] = ""  # the input on whose pixels the output lies; "": on those of all inputs alike
    cuts: ClassVar[bool] = False  # gives several pieces of each image outside training, which a node that joins ends
    joins: ClassVar[bool] = False  # outside training, puts the pieces of such a node together
    training_only: ClassVar[bool] = False  # acts in training, and is left out of the exported model
    answers: ClassVar[str] = ""  # the port from whose tensor it picks the answer, which losses judge before it
    simulates: ClassVar[bool] = False  # makes images poorer, in training and measuring; left out of the exported model

    infer: ClassVar[Callable[..., Shape | Values]]
    """The shape rule: input ports by name -> the output's shape, or the value of each output port. Raises Unfit."""

    call: ClassVar[Callable[..., Call]]
    """Input ports by name -> what PyTorch builds and runs. Called only with inputs that `infer` accepts."""

    parameters: ClassVar[Callable[..., int]] = _none
    """Input ports by name -> how many trained numbers the node has for such inputs."""

    multiply_adds: ClassVar[Callable[..., int]] = _none
    """Input ports by name -> products summed for one image: convolutions and Dense. What other nodes compute for each
    value (normalising, activating, pooling, adding an offset) is small beside that and not counted."""

    def __init_subclass__(
        cls, *, id: str = "", title: str = "", category: Category | None = None, words: str = "", **rest: Any
    ) -> None:
        super().__init_subclass__(**rest)
        cls.id = id
        if title:
            cls.title = title
        if words:
            cls.words = words
        if category is not None:
            cls.category = category
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        if id:
            _register(cls)

    @classmethod
    @cache
    def settings(cls) -> tuple[Setting, ...]:
        """The declared settings, in order of declaration; folded ones last."""
        hints = get_type_hints(cls)
        listed = [declared(field, hints[field.name]) for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
        return tuple(sorted(listed, key=lambda setting: setting.folded))

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> tuple[Self, dict[str, str]]:
        """The node with these settings, and what is wrong with them by setting name.

        A wrong value gives way to its default, so that an editor can show a node whose setting is half typed.
        """
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        known = {setting.name: setting for setting in cls.settings()}
        for old, value in raw.items():
            name = cls.renamed.get(old, old)
            if name not in known:
                wrong[old] = f"{cls.title} has no setting “{old}”; it is kept in the file and not used."
                continue
            try:
                values[name] = known[name].read(value)
            except WrongValue as error:
                wrong[name] = str(error)
        return cls(**values), wrong

    @classmethod
    def says(cls) -> str:
        """The docstring as one running text."""
        return inspect.cleandoc(cls.__doc__ or "")

    def summary(self) -> str:
        """The key settings, as the node shows them beside its name."""
        shown = [getattr(self, setting.name) for setting in self.settings() if setting.brief]
        return " · ".join(_brief(value) for value in shown if value not in ("", ()))


def find(id: str) -> type[NodeType] | None:
    """The registered type with this id, or None."""
    return REGISTRY.get(id)


def axes(size: Size, count: int, field: str) -> tuple[int, ...]:
    """`size` spelled out for `count` axes; raises Unfit when it names another number of them."""
    if isinstance(size, int):
        return (size,) * count
    if len(size) != count:
        raise Unfit(
            f"The {field} {spelled(size)} has {len(size)} numbers, but the image has {count} axes; "
            f"give one number, or {count}.",
            field,
        )
    return size


def _brief(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "×".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _register(cls: type[NodeType]) -> None:
    """Enter the type; a declaration that contradicts itself is a programming error and refused at import."""
    taken = REGISTRY.get(cls.id)
    if taken is not None and taken.__qualname__ != cls.__qualname__:
        raise TypeError(f"the id {cls.id!r} is taken by {taken.__qualname__}")
    ports = [port.name for port in cls.inputs]
    for rule in ("infer", "call", "parameters", "multiply_adds"):
        written = getattr(cls, rule, None)
        if written is None or written is _none:
            continue
        names = list(inspect.signature(written).parameters)[1:]
        if names != ports:
            raise TypeError(f"{cls.__qualname__}.{rule} takes {names}, but its input ports are {ports}")
    REGISTRY[cls.id] = cls
