"""What an import gives: the drawing, its weights, and what was and was not taken over. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from runtime.graph import Graph

Array = npt.NDArray[np.float32]


class ImportRefused(Exception):
    """The file cannot be taken over at all: one sentence that names it, says why, and what would fit."""


@dataclass(frozen=True, slots=True)
class Left:
    """One thing of the file that the drawing does not hold, or holds in another way."""

    what: str  # in the words of the file, such as “TopNError “Top5Error””
    why: str  # a sentence: what is here in its place, or what to do
    node: str = ""  # the id of the placeholder, or of the node that it concerns; "" when none stands for it


@dataclass(frozen=True, slots=True)
class Imported:
    """A drawing made from another program's file.

    `weights` are named as in the state dict of the compiled network, "IDENTIFIER.PARAMETER" (`runtime.names`), in the
    shapes of torch; empty when the file has none.
    """

    graph: Graph
    source: str  # what kind of file it was, such as "Neural Network Console project"
    weights: Mapping[str, Array] = field(default_factory=dict)
    taken: tuple[str, ...] = ()  # sentences
    left: tuple[Left, ...] = ()
