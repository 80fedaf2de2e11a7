"""Embedding of indexes that travel as ordinary numbers."""

from __future__ import annotations

from torch import Tensor, nn


class Embedding(nn.Embedding):
    """Entries of a learned table for whole numbers (N, length): (N, features, length), the features as channels."""

    def forward(self, indexes: Tensor) -> Tensor:
        """What stands at the indexes. Raises IndexError for one outside of the table."""
        return super().forward(indexes.long()).movedim(-1, 1)
