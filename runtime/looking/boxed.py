"""Which boxes of a box list are shown, and on which image they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nodes.boxes import Boxes
from runtime.analysis import Analysis
from runtime.delivery.answers import SURE_BOX
from runtime.looking.walk import Left
from runtime.modules.boxes import answered_boxes
from runtime.modules.fit import Fit
from runtime.plan import fits_of


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """An image (rows, columns) in the size in which the network takes it, and boxes (K, 4) of left, top, right and
    bottom in its pixels."""

    image: NDArray[np.float32]
    sides: NDArray[np.float32]


def boxes_of(analysis: Analysis, source: str, image: NDArray[Any], left: Left) -> Shown | None:
    """Those with a probability of at least `SURE_BOX`, of the first image; None for what gives no box list.

    `image` (C, rows, columns) is as its source delivers it: it is brought to the geometry in which the boxes lie.
    """
    facts = analysis.facts[left.node]
    if not (isinstance(facts.type, Boxes) and facts.type.lists):
        return None
    path = facts.outputs[left.port].geometry.get(source) or ()
    fitted = torch.from_numpy(image)[None].float()
    for fit in fits_of(analysis, source, path)[1:]:
        fitted = Fit(fit.size, fit.rule)(fitted)
    found = answered_boxes(left.tensor[:1].float())[0]
    sure = found[(found[:, 5] >= 0) & (found[:, 4] >= SURE_BOX), :4]
    shown = fitted[0].mean(0) if fitted.shape[1] == 3 else fitted[0, 0]
    return Shown(shown.numpy(), sure.numpy())
