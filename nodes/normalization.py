"""Normalisations: nodes that bring values to a common scale, so that training is fast and steady."""

from __future__ import annotations

import math
from typing import Literal

from nodes.shapes import divided, more_than_one, sensible
from nodes.spec import Call, Category, NodeType, Port, Shape, Unfit, module, setting
from nodes.trained import Trained

_EPSILON_HELP = "A tiny number that keeps the division safe. It rarely needs a change."
_AFFINE_HELP = "Lets the network learn the best scale and offset after the normalisation."


class _Normalising(Trained, category=Category.NORMALIZATION):
    """What the normalisations share: the shape stays as it is."""

    inputs = (Port("image", rank=(1, 2, 3, 4), help="An image or features of any shape."),)
    example = ((4, 6, 6),)


class BatchNormalization(
    _Normalising, id="batch_normalization", title="Batch normalisation", words="batchnorm bn normalization standardize"
):
    """Brings each channel to mean 0 and spread 1, measured over the images of a batch. Training becomes faster and
    steadier.

    Use it after each Convolution, before the activation, with batches of 8 images or more; for smaller batches use
    Group or Instance normalisation. Term: batch normalization (Ioffe and Szegedy, 2015).
    """

    affine: bool = setting(True, _AFFINE_HELP, label="Learned scale and offset (affine)")
    momentum: float = setting(
        0.1, "How fast the remembered mean and spread follow the newest batch. They are used after training.",
        label="Pace of memory (momentum)", low=0.0, high=1.0,
    )  # fmt: skip
    epsilon: float = setting(1e-5, _EPSILON_HELP, label="Safety term (epsilon)", low=1e-12, high=1.0)

    def infer(self, image: Shape) -> Shape:
        return sensible(image, self.parameters(image))

    def call(self, image: Shape) -> Call:
        return module(
            f"torch.nn.BatchNorm{max(1, len(image) - 1)}d",
            num_features=image[0],
            eps=self.epsilon,
            momentum=self.momentum,
            affine=self.affine,
        )

    def parameters(self, image: Shape) -> int:
        return 2 * image[0] * self.affine


class LayerNormalization(
    _Normalising, id="layer_normalization", title="Layer normalisation", words="layernorm ln normalization transformer"
):
    """Brings all values of one image together to mean 0 and spread 1. It does not depend on the batch.

    Use it on features after Dense. On images it learns a scale for every pixel; there, Group normalisation with one
    group is lighter. Over the channels of each pixel it is the normalisation of transformers and of ConvNeXt. Term:
    layer normalization (Ba et al., 2016; arXiv:1607.06450).
    """

    over: Literal["whole image", "channels"] = setting(
        "whole image", "What is brought to one scale: all values of an image together, or the channels of each pixel "
        "by themselves.",
        label="Over",
    )  # fmt: skip
    affine: bool = setting(True, _AFFINE_HELP, label="Learned scale and offset (affine)")
    epsilon: float = setting(1e-5, _EPSILON_HELP, label="Safety term (epsilon)", low=1e-12, high=1.0)

    def infer(self, image: Shape) -> Shape:
        over = self._over(image)
        more_than_one(math.prod(over), "Each pixel" if over != image else "Each image")
        return sensible(image, self.parameters(image))

    def call(self, image: Shape) -> Call:
        over = self._over(image)
        target = "torch.nn.LayerNorm" if over == image else "runtime.modules.channels.ChannelNorm"
        return module(target, normalized_shape=over, eps=self.epsilon, elementwise_affine=self.affine)

    def parameters(self, image: Shape) -> int:
        return 2 * math.prod(self._over(image)) * self.affine

    def _over(self, image: Shape) -> Shape:
        return image[:1] if self.over == "channels" else image


class GroupNormalization(
    _Normalising, id="group_normalization", title="Group normalisation", words="groupnorm gn normalization small batch"
):
    """Brings groups of channels to mean 0 and spread 1, in each image by itself. It does not depend on the batch.

    Use it in place of Batch normalisation when only a few images fit into memory at once, as with volumes.
    Term: group normalization (Wu and He, 2018).
    """

    groups: int = setting(
        2, "How many groups the channels are divided into; it must divide their number. 1 takes all channels together.",
        label="Groups of channels", low=1, high=65_536, brief=True,
    )  # fmt: skip
    affine: bool = setting(True, _AFFINE_HELP, label="Learned scale and offset (affine)")
    epsilon: float = setting(1e-5, _EPSILON_HELP, label="Safety term (epsilon)", low=1e-12, high=1.0)

    def infer(self, image: Shape) -> Shape:
        in_group = divided(image[0], self.groups, "channels", "groups")
        more_than_one(in_group * math.prod(image[1:]), "Each group")
        return sensible(image, self.parameters(image))

    def call(self, image: Shape) -> Call:
        return module(
            "torch.nn.GroupNorm",
            num_groups=self.groups,
            num_channels=image[0],
            eps=self.epsilon,
            affine=self.affine,
        )

    def parameters(self, image: Shape) -> int:
        return 2 * image[0] * self.affine


class InstanceNormalization(
    _Normalising, id="instance_normalization", title="Instance normalisation",
    words="instancenorm in normalization style nnunet contrast",
):  # fmt: skip
    """Brings each channel of each image to mean 0 and spread 1. Differences in contrast between images vanish.

    Use it for segmentation with small batches, as nnU-Net does, and for style. Term: instance normalization (Ulyanov
    et al., 2016).
    """

    inputs = (Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume."),)

    affine: bool = setting(True, _AFFINE_HELP, label="Learned scale and offset (affine)")
    epsilon: float = setting(1e-5, _EPSILON_HELP, label="Safety term (epsilon)", low=1e-12, high=1.0)

    def infer(self, image: Shape) -> Shape:
        if math.prod(image[1:]) < 2:
            raise Unfit(
                "Each channel holds one pixel, and one pixel alone cannot be normalised; use Batch normalisation, "
                "or put this node where the image is bigger."
            )
        return sensible(image, self.parameters(image))

    def call(self, image: Shape) -> Call:
        return module(
            f"torch.nn.InstanceNorm{len(image) - 1}d", num_features=image[0], eps=self.epsilon, affine=self.affine
        )

    def parameters(self, image: Shape) -> int:
        return 2 * image[0] * self.affine


class LocalResponseNormalization(
    NodeType, id="local_response_normalization", title="Local response normalisation",
    category=Category.NORMALIZATION, words="lrn alexnet caffe across channels lateral inhibition",
):  # fmt: skip
    """Divides each value by the strength of its neighbouring channels at the same pixel: what is strong holds the
    others down.

    Networks before Batch normalisation had it, AlexNet and GoogLeNet among them; use Batch normalisation in new ones.
    Term: local response normalization (Krizhevsky et al., ImageNet classification with deep CNNs, 2012).
    """

    inputs = (Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume."),)
    example = ((4, 6, 6),)

    neighbours: int = setting(
        5, "How many channels beside each other are looked at, the channel itself in the middle.",
        label="Channels looked at (size)", low=1, high=65_536, brief=True,
    )  # fmt: skip
    alpha: float = setting(1e-4, "How much the mean square of the neighbours counts.", low=0.0)
    beta: float = setting(0.75, "The power that the divisor is raised to.", low=0.0)
    base: float = setting(1.0, "What the divisor begins with, so that weak neighbours change nothing.", low=1e-6)

    def infer(self, image: Shape) -> Shape:
        return image

    def call(self, image: Shape) -> Call:
        return module(
            "torch.nn.LocalResponseNorm", size=self.neighbours, alpha=self.alpha, beta=self.beta, k=self.base
        )
