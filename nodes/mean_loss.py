"""A loss that takes what a network computed as it is: its mean is made small, sign and all."""

from __future__ import annotations

from nodes.losses import NumberLoss
from nodes.spec import Call, Shape, Target, function


class MeanDifference(
    NumberLoss, id="mean_difference", title="Mean difference",
    words="signed value as loss penalty regularizer wasserstein critic wgan elbo",
):  # fmt: skip
    """The mean of prediction minus target, sign and all. It has no lowest value by itself: what is computed before it
    must have one.

    With a Constant 0 as target it makes the computed value itself small: a penalty, or a part of the loss of a
    variational autoencoder. With a score for made images as prediction and one for real images as target it is the
    loss of a critic (Arjovsky et al., Wasserstein GAN, 2017; arXiv:1701.07875).
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        return function("runtime.modules.losses.mean_difference")
