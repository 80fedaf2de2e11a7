"""Embedding of indexes that travel as ordinary numbers."""

from __future__ import annotations

from torch import Tensor, nn


class Embedding(nn.Embedding):
    """Entries of a learned table for whole numbers (N, length): (N, features, length), the features as channels."""

    def forward(self, indexes: Tensor) -> Tensor:
        """What stands at the indexes; beyond the table its last entry, below 0 its first."""
        return super().forward(indexes.long().clamp(0, self.num_embeddings - 1)).movedim(-1, 1)
