"""What files of other programs are read into before they are drawn: layers, links and networks in one vocabulary.

Types and settings are called as Neural Network Console calls them ("Affine", "OutMaps"); readers of other files use the
same words. Settings are text, which may compute with arguments and sizes ("Input[0]/2").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.graph import Json
from runtime.importing.imported import Left

SCALED = "MulScalar and AddScalar"
"""The type of two layers taken together: Value × “Factor” + “Offset”."""

UNIT = "Unit"
"""The type of a layer that stands for a network, named by its setting “Network”."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. `place` is where it was drawn, in columns and rows; `parameters` names its weights in the file."""

    id: str
    type: str
    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    place: tuple[float, float] = (0.0, 0.0)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, otherwise: str = "") -> str:
        """The setting as it stands in the file; `otherwise` where it does not."""
        return self.settings.get(name, otherwise)

    @property
    def scope(self) -> str:
        """Under which name its weights are kept: layers of one scope share them."""
        scope = self.text("ParameterScope", "*Name")
        return self.name if scope == "*Name" else scope


@dataclass(frozen=True, slots=True)
class Link:
    """From one layer to an entry of another: 0 is the first, losses take their target at 1."""

    source: str
    target: str
    pin: int = 0


@dataclass(frozen=True, slots=True)
class Net:
    """One network, with its layers in the order of the file."""

    name: str
    layers: Mapping[str, Layer]
    links: tuple[Link, ...] = ()

    def into(self, layer: str) -> list[Link]:
        """The links into a layer, by entry."""
        return sorted((link for link in self.links if link.target == layer), key=lambda link: link.pin)

    def before(self, layer: str, pin: int = 0) -> str:
        """The layer that leads into this entry, "" for none."""
        return next((link.source for link in self.links if link.target == layer and link.pin == pin), "")

    def out_of(self, layer: str) -> list[Link]:
        """The links out of a layer."""
        return [link for link in self.links if link.source == layer]


@dataclass(frozen=True, slots=True)
class Solver:
    """How one network is trained. `rate_steps` says after how many epochs the rate is multiplied by `rate_factor`."""

    net: str
    kind: str  # as Neural Network Console calls it: Adam, Momentum, ...
    values: Mapping[str, float] = field(default_factory=dict)
    weight_decay: float = 0.0
    schedule: Mapping[str, Json] = field(default_factory=dict)  # settings of our optimizer nodes


@dataclass(frozen=True, slots=True)
class Data:
    """A data set that the file names: where it lay, and whether images were divided by 255."""

    name: str
    place: str
    divided: bool = True


@dataclass(frozen=True, slots=True)
class Foreign:
    """Everything that is taken from a file: its networks, which of them are trained, on what, and how."""

    source: str
    nets: Mapping[str, Net]
    solvers: tuple[Solver, ...]
    data: tuple[Data, ...] = ()
    epochs: int = 0
    batch: int = 0
    accumulate: int = 1
    clip: float = 0.0  # the greatest length of all gradients together; 0 leaves them as they are
    about: str = ""
    judging: tuple[str, ...] = ()  # networks that only measure
    answering: str = ""  # the network that gives the answer after training
    taken: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
