"""A network that learns: its losses, metrics and optimizers, one step at a time, without waiting for the device."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from nodes.roles import Loss, Metric, Optimizer
from runtime.analysis import Analysis
from runtime.averages import Average
from runtime.checkpoint import State
from runtime.compile import Network, compile_graph
from runtime.compiled import FAILURES, Runner
from runtime.data.batches import Batch
from runtime.device import is_out_of_memory, memory_message
from runtime.errors import NotFinite, RunError
from runtime.feeding import feeds_of
from runtime.judges import Judge, judges_of
from runtime.layouts import pick_layout
from runtime.precisions import pick_precision
from runtime.pullers import Gradients, Puller, turns_of, weighted_sum
from runtime.steps import Pass
from runtime.tally import Tally

Look = Callable[[Mapping[int, Tensor]], None]
"""Shown the gradients of a step by the identity (`id`) of the trained tensors they belong to."""


class Learner:
    """A compiled graph on a device with all that training needs; every epoch begins with `begin`.

    `source` is the node that gives the images of a batch itself (others give what is `beside` it), `steps` are those of
    one epoch. How a step is made is told by the graph's training settings: clipping, the running
    mean of the trained numbers (which is measured and kept in their place), precision.
    """

    def __init__(self, analysis: Analysis, source: str, device: torch.device, steps: int) -> None:
        self.analysis = analysis
        self.source = source
        self.device = device
        self.steps = steps
        training = analysis.graph.training
        self.network: Network = compile_graph(analysis).to(device)
        self.network.cast = pick_precision(training.precision, device, analysis, training.batch)
        self.layout = pick_layout(self.network)
        self.network.to(memory_format=self.layout)  # type: ignore[call-overload]
        self.runner = Runner(self.network, "compiled" if training.compile == "on" else "plain", device)
        self.losses = judges_of(self.network, Loss, device)
        self.metrics = judges_of(self.network, Metric, device)
        self.pullers = [Puller(self.network, node_id, self.losses, steps) for node_id in analysis.of_type(Optimizer)]
        self._watches_each_step = device.type == "cpu" or not all(puller.skips_bad_steps for puller in self.pullers)
        self._bad = torch.zeros((), dtype=torch.float32, device=device)
        self._ema = training.ema
        self._average: Average | None = None  # begins with the first step
        self.tally = Tally(self.losses, self.metrics, device)
        self._again: list[tuple[Batch, float]] = []  # the batches of a step that later turns learn from too

    def at_epoch(self, epoch: int) -> None:
        """An epoch, counted from 1, begins: what is frozen for the first epochs is let go when these are over."""
        self.network.at_epoch(epoch)

    def begin(self, learning: bool) -> None:
        """Begin a pass over a part: to learn from it, or only to measure it."""
        self.network.train(learning)
        if learning and self._ema and self._average is None:
            self._average = Average(self.network, self._ema)
        if self._average is not None:
            (self._average.hide if learning else self._average.show)()
        self.tally.begin()
        self._again = []

    def learn(
        self, batch: Batch, step: int, share: float = 1.0, complete: bool = True, look: Look | None = None
    ) -> None:
        """Learn from a batch as part of a step, which are counted from 0 through all epochs.

        `share` is the batch's part of the step's cases; with the last batch of a step, which makes it `complete`, the
        trained numbers are changed: optimizer after optimizer as their order says, those of a later turn from passes of
        their own over the same batches. `look` is shown the gradients of all. Raises RunError before a loss that is no
        number does harm.
        """
        first, *later = turns_of(self.pullers, step)
        try:
            passed, values = self._gathered(batch, share, first)
            self.tally.note(batch, passed, values)
            if later:
                self._again.append((batch if complete else batch.copied(), share))
            if complete:
                del passed, values
                self._complete(step, first, later, look)
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise RunError(memory_message(self.device, batch.count)) from error
            raise

    def _complete(
        self, step: int, first: Sequence[Puller], later: Sequence[Sequence[Puller]], look: Look | None
    ) -> None:
        """All batches of a step gave their gradients: let the optimizers change what they train, turn after turn."""
        seen: dict[int, Tensor] | None = None if look is None else {}
        self._change(step, first, seen)
        for turn in later:
            for batch, share in self._again:
                self._gathered(batch, share, turn)
            self._change(step, turn, seen)
        self._again = []
        if self._average is not None:
            self._average.after_step(step)
        if look is not None and seen is not None:
            look(seen)

    def _gathered(self, batch: Batch, share: float, turn: Sequence[Puller]) -> tuple[Pass, list[Tensor]]:
        """A pass forwards and backwards, whose gradients these optimizers take."""
        try:
            passed, values, gradients = self._drawn(batch, share, turn)
        except FAILURES as error:
            if isinstance(error, RunError) or not self.runner.gives_up(error):
                raise
            passed, values, gradients = self._drawn(batch, share, turn)
        for puller, own in zip(turn, gradients, strict=True):
            puller.take(own)
        return passed, values

    def _drawn(
        self, batch: Batch, share: float, turn: Sequence[Puller]
    ) -> tuple[Pass, list[Tensor], list[Gradients]]:
        """A pass forwards and backwards, which changes nothing that is kept but running statistics."""
        passed = self.forward(batch)
        values = self._values(batch, passed)
        self._judge(values)
        return passed, values, [puller.draw(values, share, last=puller is turn[-1]) for puller in turn]

    def _judge(self, values: Sequence[Tensor]) -> None:
        """Raise RunError for a loss that is no number; on a GPU only note it, because asking would be waiting."""
        total = self._total(values).detach()
        if self._watches_each_step:
            if not math.isfinite(float(total)):
                raise self._not_a_number(values)
        else:
            self._bad = torch.maximum(self._bad, (~torch.isfinite(total)).float())

    def _change(self, step: int, turn: Sequence[Puller], seen: dict[int, Tensor] | None) -> None:
        """Let optimizers change what they train; their gradients, not yet clipped, are copied into `seen`."""
        for puller in turn:
            if seen is not None:
                seen |= {key: gradient.clone() for key, gradient in puller.gradients()}
            puller.step(step, self._bad)

    @torch.no_grad()
    def measure(self, batch: Batch) -> Pass:
        """Measure a batch without learning from it."""
        try:
            passed = self.forward(batch)
            self.tally.note(batch, passed, self._values(batch, passed))
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise RunError(memory_message(self.device, batch.count)) from error
            raise
        return passed

    def forward(self, batch: Batch) -> Pass:
        """One pass of the network over a batch."""
        given = {self.source: batch, **batch.beside}
        lying = {source: one.boxes if one.masks is None else one.masks for source, one in given.items()}
        masks = {source: tensor for source, tensor in lying.items() if tensor is not None}
        return self.runner(feeds_of(self.network, given, batch.count, self.layout, self.device), masks)

    @property
    def warning(self) -> str:
        """Why the network is not compiled although that was wanted; "" while nothing is known."""
        return self.runner.warning

    def check(self) -> None:
        """Raise RunError when a loss was no number since the last check; the steps since then changed nothing."""
        if bool(self._bad):
            raise self._not_a_number([])

    def check_weights(self) -> None:
        """Raise RunError when a trained number is not finite any more."""
        numbers = [one.detach() for one in self.network.parameters() if one.numel()]
        # A norm is had in a twentieth of the time that a look at each number takes. One of finite numbers may lie
        # beyond float32, so it only says where to look.
        if not numbers or bool(torch.stack(torch._foreach_norm(numbers)).isfinite().all()):
            return
        for node_id in self.analysis.graph.nodes:
            child = self.network.module_of(node_id)
            if not all(bool(torch.isfinite(tensor).all()) for tensor in child.parameters()):
                title = self.analysis.title(node_id)
                raise NotFinite(
                    f"The trained numbers of “{title}” grew beyond all bounds; lower the learning rate. "
                    "The last checkpoint was kept.", node_id
                )  # fmt: skip

    @property
    def last_loss(self) -> float:
        """The loss of the last batch; reading it waits for the device."""
        return float(self._total(self.tally.last)) if self.tally.last else 0.0

    def results(self) -> dict[str, float]:
        """The losses and metrics of the pass so far, by name; a metric that is not defined for these cases is nan."""
        return self.tally.results()

    @property
    def rate(self) -> float:
        """The learning rate of the first optimizer."""
        return self.pullers[0].schedule.rate

    def after_epoch(self, validation_loss: float) -> None:
        """Tell the schedules how the epoch went."""
        for puller in self.pullers:
            puller.schedule.after_epoch(validation_loss)

    def state(self) -> State:
        """All that is needed to go on after this epoch; the random states follow from seed and epoch (`seed_epoch`).

        With a running mean, `network.` is the mean, as in `weights`, and `trained.` what is being trained.
        """
        tensors = dict(self._kept())
        if self._average is not None:
            tensors |= {f"trained.{name}": tensor for name, tensor in self._average.trained().items()}
        facts: list[Mapping[str, object]] = []
        for number, puller in enumerate(self.pullers):
            own = puller.state()
            tensors |= {f"optimizer.{number}.{name}": tensor for name, tensor in own.tensors.items()}
            facts.append(own.facts)
        return State(tensors, {"optimizers": facts})

    def weights(self) -> State:
        """What a trained model needs, copied, so that it stays as it is while training goes on."""
        return State({name: tensor.clone() for name, tensor in self._kept().items()})

    def _kept(self) -> dict[str, Tensor]:
        mean = {} if self._average is None else self._average.mean()
        state = self.network.state_dict()
        return {f"network.{name}": mean.get(name, tensor) for name, tensor in state.items()}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave. Raises RunError when it is of another graph."""
        load_weights(self.network, state)
        trained = below(state.tensors, "trained.")
        if self._ema and trained:
            self._average = Average(self.network, self._ema)
            self._average.restore(below(state.tensors, "network."), trained)
        for number, puller in enumerate(self.pullers):
            puller.restore(State(below(state.tensors, f"optimizer.{number}."), state.facts["optimizers"][number]))

    def _values(self, batch: Batch, passed: Pass) -> list[Tensor]:
        return [judge.module(*judge.compared(batch, passed)) for judge in self.losses]

    def _total(self, values: Sequence[Tensor]) -> Tensor:
        return weighted_sum([(judge.weight, value) for judge, value in zip(self.losses, values, strict=True)])

    def _not_a_number(self, values: Sequence[Tensor]) -> NotFinite:
        bad = [judge for judge, value in zip(self.losses, values, strict=False) if not torch.isfinite(value)]
        judge: Judge = bad[0] if bad else self.losses[0]
        title = self.analysis.graph.nodes[judge.node].name
        return NotFinite(
            f"The loss “{title}” is not a finite number any more; the batch changed nothing, and the last checkpoint "
            "was kept. Lower the learning rate, or put Normalise after the images.", judge.node
        )  # fmt: skip


def load_weights(network: Network, state: State) -> None:
    """Put a checkpoint's weights into a network. Raises RunError when they are of another graph."""
    try:
        network.load_state_dict(below(state.tensors, "network."))
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise RunError(f"The checkpoint does not belong to this graph: {reason}") from error


def below(tensors: Mapping[str, Tensor], stem: str) -> dict[str, Tensor]:
    """The tensors whose names begin with the stem, by the rest of their names."""
    return {name.removeprefix(stem): tensor for name, tensor in tensors.items() if name.startswith(stem)}
