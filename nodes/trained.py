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
    frozen_epochs: int = setting(
        0, "For so many epochs at the start the node stays as it is, as if frozen; from the next one on it learns. So "
        "new layers find their way first, and do not spoil those trained before. 0 lets it learn from the start.",
        label="Frozen at first", unit="epochs", low=0, folded=True,
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
    def learning(self) -> tuple[float, int, float, float]:
        """Learning-rate factor, epochs that it is frozen for, L1 and L2."""
        return self.rate_factor, self.frozen_epochs, self.l1, self.l2

    def summary(self) -> str:
        """Whether it is frozen or learns at another pace, then the key settings."""
        pace = pace_words(self.rate_factor, self.frozen_epochs)
        return " · ".join(part for part in (pace, super().summary()) if part)


def pace_words(rate_factor: float, frozen_epochs: int) -> str:
    """How a node learns where it is not as usual, in few words for its face; "" as usual."""
    if rate_factor == 0:
        return "frozen"
    first = f"frozen {frozen_epochs} epoch{'s' * (frozen_epochs != 1)}" if frozen_epochs else ""
    return " · ".join(part for part in (first, f"rate ×{rate_factor:g}" if rate_factor != 1 else "") if part)
