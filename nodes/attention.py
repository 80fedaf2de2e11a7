"""Attention: nodes with which every place of an image sees every other, as in transformers."""

from __future__ import annotations

import math

from nodes.shapes import MOST_VALUES, divided, sensible
from nodes.spec import Call, Category, HouseRule, Port, Shape, module, setting
from nodes.trained import Trained

_PLACES = Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume; each of its pixels is one place.")


class SelfAttention(
    Trained, id="self_attention", title="Self-attention", category=Category.DENSE,
    words="multi-head attention transformer vit query key value token mhsa",
):  # fmt: skip
    """Lets every place of the image look at every other and take from it what matters. What matters is learned, by
    several heads that each look for something else.

    Use it on small maps, such as the patches of a vision transformer: its work grows with the square of the number of
    places. Term: multi-head self-attention (Vaswani et al., Attention is all you need, 2017; arXiv:1706.03762).
    """

    inputs = (_PLACES,)
    example = ((8, 4, 4),)

    heads: int = setting(
        4, "How many looks are taken at once, each with its share of the channels. It must divide the channels.",
        label="Heads", low=1, high=1024, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        divided(image[0], self.heads, "channels", "heads")
        places = math.prod(image[1:])
        if self.heads * places**2 > MOST_VALUES:
            raise HouseRule(
                f"{places:,} places that all look at each other are more than a machine can hold; make the image "
                "smaller before it, with a Convolution of a large stride (patches) or pooling."
            )
        return sensible(image, self.parameters(image))

    def call(self, image: Shape) -> Call:
        return module("runtime.modules.attention.SelfAttention", channels=image[0], heads=self.heads)

    def parameters(self, image: Shape) -> int:
        return 4 * image[0] * (image[0] + 1)

    def multiply_adds(self, image: Shape) -> int:
        places = math.prod(image[1:])
        return 4 * image[0] ** 2 * places + 2 * image[0] * places**2


class PositionEmbedding(
    Trained, id="position_embedding", title="Position embedding", category=Category.DENSE,
    words="positional encoding place transformer vit patch token learned",
):  # fmt: skip
    """Adds a learned number to every value, so that the network knows where in the image it is.

    Use it once, before the first Self-attention, which by itself does not see where a place lies. The size of the image
    is fixed by it. Term: learned position embedding (Dosovitskiy et al., 2021; arXiv:2010.11929).
    """

    inputs = (_PLACES,)
    example = ((8, 4, 4),)

    def infer(self, image: Shape) -> Shape:
        return sensible(image, self.parameters(image))

    def call(self, image: Shape) -> Call:
        return module("runtime.modules.attention.PositionEmbedding", shape=image)

    def parameters(self, image: Shape) -> int:
        return math.prod(image)
