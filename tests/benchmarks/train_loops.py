"""The loops by hand of the training benchmark, on random cases of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from runtime.graph import Graph

Loop = Callable[[], None]
"""One epoch."""


@dataclass(frozen=True)
class Subject:
    """A network, and the images that it learns from."""

    module: Callable[[], nn.Module]
    graph: Callable[..., Graph]
    batch: int
    side: int
    images: int
    masks: bool = False


class Data:
    """Random cases as many as the run has, as arrays in memory."""

    def __init__(self, subject: Subject, cases: Mapping[str, int]) -> None:
        generator = np.random.default_rng(1)
        self.batch = subject.batch
        self.images, self.targets = {}, {}
        for part in ("train", "validation"):
            shape = (cases[part], subject.side, subject.side)
            self.images[part] = generator.integers(0, 256, shape, dtype=np.uint8)
            self.targets[part] = generator.integers(0, 2, shape if subject.masks else shape[:1], dtype=np.int64)


class Pictures(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    """As a person writes it."""

    def __init__(self, data: Data, part: str) -> None:
        self.images, self.targets = data.images[part], data.targets[part]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image = torch.from_numpy(self.images[index]).float().div(255).unsqueeze(0)
        return image, torch.as_tensor(self.targets[index])


def usual(subject: Subject, data: Data, device: torch.device) -> Loop:
    """(a) A DataLoader, plain Adam, and the loss read in every step."""
    network = subject.module().to(device)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    loaders = {
        part: torch.utils.data.DataLoader(
            Pictures(data, part), subject.batch, shuffle=part == "train", pin_memory=device.type == "cuda"
        )
        for part in ("train", "validation")
    }

    def epoch() -> None:
        for part, loader in loaders.items():
            network.train(part == "train")
            total, right, seen = 0.0, 0.0, 0
            with torch.set_grad_enabled(part == "train"):
                for images, targets in loader:
                    images, targets = images.to(device), targets.to(device)
                    scores = network(images)
                    loss = functional.cross_entropy(scores, targets)
                    if part == "train":
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                    total += loss.item() * len(images)
                    right += (scores.argmax(1) == targets).float().mean().item() * len(images)
                    seen += len(images)

    return epoch


def tuned(subject: Subject, data: Data, device: torch.device, layout: torch.memory_format) -> Loop:
    """(b) Everything on the device, nothing waits."""
    network = subject.module().to(device).to(memory_format=layout)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(network.parameters(), 1e-3, fused=True)
    cases = {
        part: (
            torch.from_numpy(data.images[part]).to(device).float().div(255).unsqueeze(1),
            torch.from_numpy(data.targets[part]).to(device),
        )
        for part in ("train", "validation")
    }

    def epoch() -> None:
        for part, (images, targets) in cases.items():
            network.train(part == "train")
            total, right = torch.zeros((), device=device), torch.zeros((), device=device)
            order = torch.randperm(len(images), device=device)
            with torch.set_grad_enabled(part == "train"):
                for index in order.split(subject.batch):
                    scores = network(images[index].contiguous(memory_format=layout))
                    wanted = targets[index]
                    loss = functional.cross_entropy(scores, wanted)
                    if part == "train":
                        loss.backward()
                        optimizer.step()
                        optimizer.zero_grad(set_to_none=True)
                    total += loss.detach() * len(index)
                    right += (scores.detach().argmax(1) == wanted).sum()
            total.item()

    return epoch
