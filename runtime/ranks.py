"""Several processes that train one network together, started by torchrun: which one this is, and what they exchange."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from runtime.errors import RunError

_PATIENCE = timedelta(days=2)  # the others wait while the first decodes images, or while its disk is full
_BUCKET = 2**25  # numbers that are sent at once


def started_together() -> bool:
    """Whether torchrun started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


class Ranks:
    """This process among the others. Every method that exchanges something is called by all of them, in one order."""

    def __init__(self, on_gpu: bool, gpus: Sequence[int] = ()) -> None:
        """`gpus` are the numbers of the GPUs to use, one for each process; () takes them in their order."""
        self.rank = int(os.environ["RANK"])
        self.world = int(os.environ["WORLD_SIZE"])
        place = int(os.environ.get("LOCAL_RANK", "0"))
        if on_gpu and (gpus[place] if gpus else place) >= torch.cuda.device_count():
            raise RunError(
                f"{place + 1} processes were started on a machine with {torch.cuda.device_count()} GPUs that can be "
                "used; start as many as there are GPUs."
            )
        self.device = torch.device("cuda", gpus[place] if gpus else place) if on_gpu else torch.device("cpu")
        if on_gpu:
            torch.cuda.set_device(self.device)
        dist.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo", timeout=_PATIENCE)

    @property
    def first(self) -> bool:
        """Whether this process writes down what happens."""
        return self.rank == 0

    def decide(self, answer: bool) -> bool:
        """What the first process answers, for all."""
        told = torch.tensor([int(answer)])
        dist.broadcast(told, 0)
        return bool(told.item())

    def total(self, tensors: Iterable[Tensor]) -> None:
        """Put into each tensor its sum over all processes."""
        for bucket in _buckets(tensors):
            together = torch.cat([tensor.reshape(-1) for tensor in bucket])
            dist.all_reduce(together)
            parts = torch.split(together, [one.numel() for one in bucket])
            for tensor, part in zip(bucket, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def largest(self, tensor: Tensor) -> None:
        """Put into a tensor its largest value over all processes."""
        dist.all_reduce(tensor, dist.ReduceOp.MAX)

    def alike(self, tensors: Iterable[Tensor]) -> None:
        """Put into each tensor what it is in the first process."""
        for tensor in tensors:
            dist.broadcast(tensor, 0)

    def gathered(self, tensor: Tensor) -> Tensor:
        """The tensors of all processes one after the other; they may differ in their first size."""
        counts = torch.zeros(self.world, dtype=torch.int64)
        counts[self.rank] = len(tensor)
        dist.all_reduce(counts)
        padded = tensor.new_zeros((int(counts.max()), *tensor.shape[1:]))
        padded[: len(tensor)] = tensor
        found = [torch.empty_like(padded) for _ in range(self.world)]
        dist.all_gather(found, padded)
        return torch.cat([one[:count] for one, count in zip(found, counts.tolist(), strict=True)])

    def leave(self) -> None:
        """The end: this process is one of several no more."""
        dist.destroy_process_group()


def _buckets(tensors: Iterable[Tensor]) -> list[Sequence[Tensor]]:
    """The tensors in groups of one type that are not too large to be copied together."""
    groups: dict[torch.dtype, list[list[Tensor]]] = {}
    for tensor in tensors:
        lists = groups.setdefault(tensor.dtype, [[]])
        if lists[-1] and sum(one.numel() for one in lists[-1]) + tensor.numel() > _BUCKET:
            lists.append([])
        lists[-1].append(tensor)
    return [bucket for lists in groups.values() for bucket in lists]
