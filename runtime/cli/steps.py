"""Options of `netloom train` that say how a step is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runtime.graph import Compiled, MatchedBy, Precision, Sampling
from runtime.training_values import MOST_EMA, MOST_FACTOR

AUTO = -1
"""The batch size that stands for: find one."""


def batch_of(text: str) -> int:
    """A batch size of a call, or AUTO."""
    if text.strip().casefold() == "auto":
        return AUTO
    if not text.strip().isdecimal() or int(text) < 1:
        raise typer.BadParameter(f"{text} is no batch size; a whole number from 1, or auto, fits.")
    return int(text)


BatchSize = Annotated[
    int | None,
    typer.Option(parser=batch_of, metavar="<int or auto>", help="Images in one step; auto tries which size suits."),
]
Accumulate = Annotated[
    int | None, typer.Option(min=1, help="Batches whose gradients are added up before the network is changed.")
]
Clip = Annotated[
    float | None, typer.Option(min=0, help="The greatest length (norm) of an optimizer's gradients; 0 for no limit.")
]
Ema = Annotated[
    float | None,
    typer.Option(
        min=0, max=MOST_EMA, help="Measure and keep a running mean of the weights with this decay, such as 0.999."
    ),
]
PrecisionOption = Annotated[
    Precision | None, typer.Option("--precision", help="What layers compute with; auto is float32 on the CPU.")
]
Samples = Annotated[
    Sampling | None,
    typer.Option("--sampling", help="What an epoch shows: all cases once, or as many with each class equally often."),
]
Compile = Annotated[
    Compiled | None, typer.Option("--compile", help="Let torch.compile write kernels for this network.")
]
WeightsFrom = Annotated[
    Path | None,
    typer.Option("--weights", exists=True, help="A run, or weights to begin with (.safetensors, .pth, .onnx, .nnp)."),
]
WeightsBy = Annotated[
    MatchedBy | None,
    typer.Option("--weights-by", help="What tells which of the weights is which: names, or the order of shapes."),
]
LoadedRate = Annotated[
    float | None,
    typer.Option(min=0, max=MOST_FACTOR, help="Multiplies the learning rate of layers that begin with --weights."),
]
LoadedFrozen = Annotated[
    int | None, typer.Option(min=0, help="For so many epochs layers that begin with --weights stay as they are.")
]
Patience = Annotated[
    int | None, typer.Option(min=0, help="Stop when so many epochs in a row brought no better one; 0 for never.")
]
Watch = Annotated[
    str | None, typer.Option(help="What tells the best epoch on the validation part: loss, or a metric such as auc.")
]
Minutes = Annotated[
    float | None, typer.Option(min=0, help="Begin no epoch that would probably end later than so many minutes.")
]
