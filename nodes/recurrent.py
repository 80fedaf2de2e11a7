"""Recurrent layers: they read a signal step by step and remember what came before."""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.shapes import sensible
from nodes.spec import Call, Category, Port, Shape, module, setting
from nodes.trained import Trained


class _Recurrent(Trained, category=Category.DENSE):
    """What the recurrent layers share: gates that see the features of a step and the answer to the step before."""

    inputs = (Port("signal", rank=(2,), help="A signal: features (channels) × steps. Permute swaps the two."),)
    example = ((4, 6),)
    gates: ClassVar[int]
    cell: ClassVar[str]

    units: int = setting(
        32, "How many numbers are remembered from step to step, and leave the node for each direction.",
        label="Outputs (units)", low=1, high=65_536, brief=True,
    )  # fmt: skip
    gives: Literal["last step", "every step"] = setting(
        "last step", "The answer after the last step, as a list of features; or those to every step, as a signal."
    )
    both: bool = setting(
        False, "Also reads the signal from its end to its beginning, with weights of its own, and gives both answers.",
        label="Both directions",
    )  # fmt: skip

    def infer(self, signal: Shape) -> Shape:
        features = self.units * (1 + self.both)
        shape = (features,) if self.gives == "last step" else (features, signal[1])
        return sensible(shape, self.parameters(signal))

    def call(self, signal: Shape) -> Call:
        return module(
            f"runtime.modules.recurrent.{self.cell}",
            features=signal[0],
            units=self.units,
            last=self.gives == "last step",
            both=self.both,
            **self.further(),
        )

    def further(self) -> dict[str, object]:
        """What the module of one kind of cell is told besides."""
        return {}

    def parameters(self, signal: Shape) -> int:
        return (1 + self.both) * self.gates * self.units * (signal[0] + self.units + 2)

    def multiply_adds(self, signal: Shape) -> int:
        return (1 + self.both) * self.gates * self.units * (signal[0] + self.units) * signal[1]


class ElmanLayer(
    _Recurrent, id="rnn", title="Recurrent layer (Elman)", words="rnn simple recurrent sequence time signal"
):
    """Reads a signal step by step; each answer is made of the step and of the answer before it, through a
    tanh.

    Use it for short signals. It forgets soon; for longer ones use LSTM or GRU. Term: simple recurrent (Elman) network
    (Elman, Finding structure in time, 1990; doi:10.1207/s15516709cog1402_1).
    """

    gates = 1
    cell = "Elman"

    activation: Literal["tanh", "relu"] = setting(
        "tanh", "What each answer goes through. 'relu' keeps gradients through more steps, and its answers can grow "
        "without bound.",
        label="Activation (nonlinearity)",
    )  # fmt: skip

    def further(self) -> dict[str, object]:
        return {} if self.activation == "tanh" else {"activation": self.activation}


class LSTM(_Recurrent, id="lstm", title="LSTM", words="long short-term memory recurrent sequence time signal ecg"):
    """Reads a signal step by step and keeps a memory that gates write, forget and read, so that it remembers for long.

    Use it for signals such as an ECG, after Convolutions that shorten them. Term: long short-term memory (Hochreiter
    and Schmidhuber, 1997; doi:10.1162/neco.1997.9.8.1735; with the forget gate of Gers et al., 2000).
    """

    gates = 4
    cell = "LSTM"


class GRU(_Recurrent, id="gru", title="GRU", words="gated recurrent unit sequence time signal ecg"):
    """Reads a signal step by step with two gates and no memory beside its answer: about as good as LSTM, and lighter.

    Use it for signals such as an ECG, after Convolutions that shorten them. Term: gated recurrent unit (Cho et al.,
    2014; arXiv:1406.1078).
    """

    gates = 3
    cell = "GRU"
