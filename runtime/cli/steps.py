"""Options of `netloom train` that say how a step is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runtime.graph import Compiled, Precision
from runtime.training_values import MOST_EMA

Accumulate = Annotated[
    int | None, typer.Option(min=1, help="Batches whose slopes are added up before the network is changed.")
]
Clip = Annotated[
    float | None, typer.Option(min=0, help="The greatest length (norm) of an optimizer's slopes; 0 for no limit.")
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
Compile = Annotated[
    Compiled | None, typer.Option("--compile", help="Let torch.compile write kernels for this network.")
]
WeightsFrom = Annotated[
    Path | None,
    typer.Option("--weights", exists=True, help="A run or a file (.safetensors, .pth) whose weights are begun with."),
]
Minutes = Annotated[
    float | None, typer.Option(min=0, help="Begin no epoch that would probably end later than so many minutes.")
]
