"""The loop of PyTorch Lightning for the training benchmark, on the same random cases; Lightning is no dependency."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from tests.benchmarks.train_loops import Data, Pictures, Subject


def epochs(
    subject: Subject, data: Data, device: torch.device, count: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Seconds of each of so many epochs of training and validation after a first one, which is not counted."""
    import lightning

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = subject.module()

        def _step(self, batch: Any, part: str) -> torch.Tensor:
            images, targets = batch
            scores = self.network(images)
            loss = functional.cross_entropy(scores, targets)
            right = (scores.argmax(1) == targets).float().mean()
            self.log_dict({f"{part}_loss": loss, f"{part}_accuracy": right}, on_step=False, on_epoch=True)
            return loss

        def training_step(self, batch: Any, _index: int) -> torch.Tensor:
            return self._step(batch, "train")

        def validation_step(self, batch: Any, _index: int) -> torch.Tensor:
            return self._step(batch, "validation")

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), 1e-3)

    class Clock(lightning.Callback):
        def __init__(self) -> None:
            self.starts: list[float] = []

        def on_train_epoch_start(self, *_told: Any) -> None:
            self.starts.append(clock())

        def on_fit_end(self, *_told: Any) -> None:
            self.starts.append(clock())

    watch = Clock()
    loaders = [
        torch.utils.data.DataLoader(
            Pictures(data, part), subject.batch, shuffle=part == "train", pin_memory=device.type == "cuda"
        )
        for part in ("train", "validation")
    ]
    trainer = lightning.Trainer(
        max_epochs=1 + count, accelerator="gpu" if device.type == "cuda" else "cpu", devices=1, logger=False,
        callbacks=[watch], enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        num_sanity_val_steps=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of loaders without workers: the data lie in memory
        trainer.fit(Module(), *loaders)
    return [after - before for before, after in zip(watch.starts[1:-1], watch.starts[2:], strict=True)]
