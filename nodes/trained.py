"""What every node with trained numbers lets people set about its own training."""

from __future__ import annotations

from nodes.spec import NodeType, setting


class Trained(NodeType):
    """A node with trained numbers: the base of every type that has `parameters`.

    Frozen means that nothing of the node changes in training: neither its weights nor, of a batch normalisation, the
    running mean and spread, with which it then computes in training as it does afterwards. Gradients still flow through
    the node to those before it. Penalties concern all trained numbers but the biases (offsets), the scale of a
    normalisation and the slopes of a PReLU included; they act on gradients, and reported losses leave them out.
    """

    rate_factor: float = setting(
        1.0, "Multiplies the optimizer's learning rate for this node; schedule and warm-up stay as they are. 0 freezes "
        "the node: weights and running statistics stay as they are, while the nodes before it still learn.",
        label="Learning-rate factor", low=0.0, high=1000.0, folded=True,
    )  # fmt: skip
    l1: float = setting(
        0.0, "Pulls weights to exactly 0: adds l1 × the sum of their sizes to what is made small. Biases are left out, "
        "and reported losses do not contain it. 0 for none.",
        label="L1 penalty", low=0.0, high=1000.0, folded=True,
    )  # fmt: skip
    l2: float = setting(
        0.0, "Keeps weights small: adds l2 / 2 × the sum of their squares to what is made small, beside the weight "
        "decay of the optimizer. Biases are left out, and reported losses do not contain it. 0 for none.",
        label="L2 penalty", low=0.0, high=1000.0, folded=True,
    )  # fmt: skip

    @property
    def frozen(self) -> bool:
        """Whether training leaves the node as it is."""
        return self.rate_factor == 0

    @property
    def learning(self) -> tuple[float, float, float]:
        """Learning-rate factor, L1 and L2."""
        return self.rate_factor, self.l1, self.l2

    def summary(self) -> str:
        """Whether it is frozen or learns at another pace, then the key settings."""
        told = "frozen" if self.frozen else "" if self.rate_factor == 1 else f"rate ×{self.rate_factor:g}"
        return " · ".join(part for part in (told, super().summary()) if part)
