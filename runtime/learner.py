"""A network that learns: its losses, metrics and optimizers, one step at a time, without waiting for the device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from nodes.roles import Loss, Metric, Optimizer, Source
from runtime.analysis import Analysis
from runtime.checkpoint import State
from runtime.compile import Network, Pass, compile_graph
from runtime.data.batches import Batch
from runtime.device import is_out_of_memory, memory_message
from runtime.errors import RunError
from runtime.judges import Judge, judges_of
from runtime.pullers import Puller


class Learner:
    """A compiled graph on a device with all that training needs; every epoch begins with `begin`."""

    def __init__(self, analysis: Analysis, source: str, device: torch.device, batches: int) -> None:
        self.analysis = analysis
        self.source = source
        self.device = device
        self.network: Network = compile_graph(analysis).to(device)
        self.losses = judges_of(self.network, Loss, device)
        self.metrics = judges_of(self.network, Metric, device)
        self.pullers = [Puller(self.network, node_id, self.losses, batches) for node_id in analysis.of_type(Optimizer)]
        self._watches_each_step = device.type == "cpu" or not all(puller.skips_bad_steps for puller in self.pullers)
        self._bad = torch.zeros((), dtype=torch.float32, device=device)
        self._begin_sums()

    def begin(self, learning: bool) -> None:
        """Begin a pass over a part: to learn from it, or only to measure it."""
        self.network.train(learning)
        for metric in self.metrics:
            metric.module.reset()
        self._begin_sums()

    def _begin_sums(self) -> None:
        self._sums = torch.zeros(len(self.losses), dtype=torch.float64, device=self.device)
        self._last = torch.zeros((), dtype=torch.float64, device=self.device)
        self._cases = 0

    def learn(self, batch: Batch, step: int) -> None:
        """One step, counted from 0 through all epochs. Raises RunError before a loss that is no number does harm."""
        try:
            passed = self.forward(batch)
            values = self._measured(batch, passed)
            total = self._total(values)
            if self._watches_each_step:
                if not torch.isfinite(total):
                    raise self._not_a_number(values)
            else:
                self._bad = torch.maximum(self._bad, (~torch.isfinite(total)).float())
            for puller in self.pullers:
                puller.draw(values, last=puller is self.pullers[-1])
            for puller in self.pullers:
                puller.step(step, self._bad)
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise RunError(memory_message(self.device, batch.count)) from error
            raise

    @torch.no_grad()
    def measure(self, batch: Batch) -> Pass:
        """Measure a batch without learning from it."""
        try:
            passed = self.forward(batch)
            self._measured(batch, passed)
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise RunError(memory_message(self.device, batch.count)) from error
            raise
        return passed

    def forward(self, batch: Batch) -> Pass:
        """One pass of the network over a batch."""
        masks = {} if batch.masks is None else {self.source: batch.masks}
        passed: Pass = self.network(self._feeds(batch), masks)
        return passed

    def check(self) -> None:
        """Raise RunError when a loss was no number since the last check; the steps since then changed nothing."""
        if bool(self._bad):
            raise self._not_a_number([])

    def check_weights(self) -> None:
        """Raise RunError when a trained number is not finite any more."""
        for node_id in self.analysis.graph.nodes:
            child = self.network.module_of(node_id)
            if not all(bool(torch.isfinite(tensor).all()) for tensor in child.parameters()):
                title = self.analysis.title(node_id)
                raise RunError(
                    f"The trained numbers of “{title}” grew beyond all bounds; lower the learning rate. "
                    "The last checkpoint was kept.", node_id
                )  # fmt: skip

    @property
    def last_loss(self) -> float:
        """The loss of the last batch; reading it waits for the device."""
        return float(self._last)

    def results(self) -> dict[str, float]:
        """The losses and metrics of the pass so far, by name; a metric that is not defined for these cases is nan."""
        means = (self._sums / max(self._cases, 1)).tolist()
        weighted = sum(judge.weight * value for judge, value in zip(self.losses, means, strict=True))
        found = {"loss": float(weighted)}
        if len(self.losses) > 1:
            found |= {judge.name: value for judge, value in zip(self.losses, means, strict=True)}
        return found | {metric.name: float(metric.module.compute()) for metric in self.metrics}

    @property
    def rate(self) -> float:
        """The learning rate of the first optimizer."""
        return self.pullers[0].schedule.rate

    def after_epoch(self, validation_loss: float) -> None:
        """Tell the schedules how the epoch went."""
        for puller in self.pullers:
            puller.schedule.after_epoch(validation_loss)

    def state(self) -> State:
        """All that is needed to go on after this epoch; the random states follow from seed and epoch (`seed_epoch`)."""
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        facts: list[Mapping[str, object]] = []
        for number, puller in enumerate(self.pullers):
            own = puller.state()
            tensors |= {f"optimizer.{number}.{name}": tensor for name, tensor in own.tensors.items()}
            facts.append(own.facts)
        return State(tensors, {"optimizers": facts})

    def weights(self) -> State:
        """What a trained model needs, copied, so that it stays as it is while training goes on."""
        return State({f"network.{name}": tensor.clone() for name, tensor in self.network.state_dict().items()})

    def restore(self, state: State) -> None:
        """Go on from what `state` gave. Raises RunError when it is of another graph."""
        load_weights(self.network, state)
        for number, puller in enumerate(self.pullers):
            puller.restore(State(_below(state.tensors, f"optimizer.{number}."), state.facts["optimizers"][number]))

    def _measured(self, batch: Batch, passed: Pass) -> list[Tensor]:
        values = [judge.module(*judge.compared(batch, passed)) for judge in self.losses]
        for metric in self.metrics:
            prediction, target = metric.compared(batch, passed)
            metric.module.update(prediction.detach(), target)
        with torch.no_grad():
            self._last = self._total(values).detach().double()
            self._sums += torch.stack([value.detach().double() for value in values]) * batch.count
        self._cases += batch.count
        return values

    def _total(self, values: Sequence[Tensor]) -> Tensor:
        terms = [judge.weight * value for judge, value in zip(self.losses, values, strict=True)]
        return torch.stack(terms).sum()

    def _feeds(self, batch: Batch) -> dict[str, Tensor]:
        feeds = {}
        for node_id in self.network.inputs:
            facts = self.analysis.facts[node_id]
            if node_id == self.source:
                feeds[node_id] = batch.images
            elif isinstance(facts.type, Source) and facts.type.feed == "noise" and facts.shape is not None:
                feeds[node_id] = torch.randn((batch.count, *facts.shape), device=self.device)
            else:
                raise RunError(f"“{facts.node.name}” has no data to train with.", node_id)
        return feeds

    def _not_a_number(self, values: Sequence[Tensor]) -> RunError:
        bad = [judge for judge, value in zip(self.losses, values, strict=False) if not torch.isfinite(value)]
        judge: Judge = bad[0] if bad else self.losses[0]
        title = self.analysis.graph.nodes[judge.node].name
        return RunError(
            f"The loss “{title}” is not a finite number any more; the batch changed nothing, and the last checkpoint "
            "was kept. Lower the learning rate, or put Normalise after the images.", judge.node
        )  # fmt: skip


def load_weights(network: Network, state: State) -> None:
    """Put a checkpoint's weights into a network. Raises RunError when they are of another graph."""
    try:
        network.load_state_dict(_below(state.tensors, "network."))
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise RunError(f"The checkpoint does not belong to this graph: {reason}") from error


def _below(tensors: Mapping[str, Tensor], stem: str) -> dict[str, Tensor]:
    return {name.removeprefix(stem): tensor for name, tensor in tensors.items() if name.startswith(stem)}
