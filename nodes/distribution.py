"""Codes that are distributions: what a variational autoencoder stands on."""

from __future__ import annotations

from typing import ClassVar

from nodes.judged import same_shape, task_of
from nodes.roles import Activation, Loss, Task
from nodes.spec import Call, Category, HouseRule, Kind, NodeType, Port, Shape, Target, Value, module, spelled

_LOGARITHM = "Logarithm of the variance"


class GaussianSample(
    NodeType, id="gaussian_sample", title="Gaussian sample", category=Category.DENSE,
    words="reparameterization reparameterisation trick variational autoencoder vae latent random code",
):  # fmt: skip
    """Draws numbers from normal distributions whose mean and spread the network answers, so that it can learn both.

    It draws in training only; afterwards it hands on the mean, so that the same image always gets the same code. Use it
    between the encoder and the decoder of a variational autoencoder, with a KL divergence from the same two nodes.
    Term: reparameterisation (Kingma and Welling, 2014; arXiv:1312.6114).
    """

    inputs = (
        Port("mean", rank=(1, 2, 3, 4), label="Mean"),
        Port("log_variance", rank=(1, 2, 3, 4), label=_LOGARITHM),
    )
    example = ((8,), (8,))

    def infer(self, mean: Shape, log_variance: Shape) -> Shape:
        if mean != log_variance:
            raise HouseRule(
                f"There are {spelled(mean)} means and {spelled(log_variance)} variances; as many of both fit.",
                "log_variance",
            )
        return mean

    def call(self, mean: Shape, log_variance: Shape) -> Call:
        return module("runtime.modules.distribution.GaussianSample")


class KLDivergence(
    Loss, id="kl_divergence", title="KL divergence",
    words="kullback leibler variational autoencoder vae latent regularization prior",
):  # fmt: skip
    """How far the normal distributions that the network answers are from the plain one (mean 0, spread 1), in nats: the
    sum over the numbers of a code. It keeps codes close together, so that random ones can be decoded too.

    Beside a loss that is a mean over pixels, give it a weight of about one divided by the number of pixels; a smaller
    one rebuilds better, a larger one makes better samples. Term: Kullback-Leibler divergence from the standard normal
    distribution (Kingma and Welling, 2014; arXiv:1312.6114).
    """

    inputs = (
        Port("prediction", label="Mean"),
        Port("target", Kind.TARGET, labels=("image",), label=_LOGARITHM),
    )
    example: ClassVar[tuple[Value, ...]] = ((8,), Target("image", (8,)))

    def infer(self, prediction: Shape, target: Target) -> Shape:
        same_shape(prediction, target)
        return ()

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.distribution.KLDivergence")

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "identity"

    def task(self, prediction: Shape, target: Target) -> Task:
        return task_of(target)
