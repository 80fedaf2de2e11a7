"""Nodes that hand channels on in another order, or only a part of them."""

from __future__ import annotations

from nodes.shapes import divided
from nodes.spec import Call, Category, NodeType, Port, Shape, Unfit, function, setting

_ANY = Port("image", rank=(1, 2, 3, 4), help="An image or features of any shape.")


class _Channels(NodeType, category=Category.DENSE):
    """What these nodes share: they learn nothing, and pixels stay where they are."""

    inputs = (_ANY,)
    example = ((4, 6, 6),)


class ChannelShuffle(
    _Channels, id="channel_shuffle", title="Channel shuffle", words="shufflenet groups mix permute interleave"
):
    """Lays the channels of several groups between each other, like shuffled cards.

    Use it after layers that treat parts of the channels separately, so that the parts learn from each other. Term:
    channel shuffle (Zhang et al., ShuffleNet, 2018; arXiv:1707.01083).
    """

    groups: int = setting(
        2, "How many parts are laid between each other; it must divide the number of channels.",
        label="Parts (groups)", low=1, high=65_536, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        divided(image[0], self.groups, "channels", "groups")
        return image

    def call(self, image: Shape) -> Call:
        return function("runtime.modules.channels.shuffled", groups=self.groups)


class ChannelPart(
    _Channels, id="channel_part", title="Part of the channels", words="split slice chunk select shufflenet csp half"
):
    """Hands on one of several equal parts of the channels.

    Use one node for each part to let parts go different ways, and Concatenate to bring them together again. Term:
    channel split (Ma et al., ShuffleNet V2, 2018; arXiv:1807.11164).
    """

    parts: int = setting(
        2, "How many equal parts the channels are divided into; it must divide their number.",
        label="Parts", low=1, high=65_536, brief=True,
    )  # fmt: skip
    part: int = setting(1, "Which part is handed on, from 1.", label="Which part", low=1, high=65_536, brief=True)

    def infer(self, image: Shape) -> Shape:
        each = divided(image[0], self.parts, "channels", "parts")
        if self.part > self.parts:
            raise Unfit(f"There are {self.parts} parts, and part {self.part} is asked for; use a smaller one.", "part")
        return (each, *image[1:])

    def call(self, image: Shape) -> Call:
        return function("runtime.modules.channels.parted", parts=self.parts, part=self.part)
