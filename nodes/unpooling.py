"""The reverse of Max pooling: every value goes back to where the strongest one was found."""

from __future__ import annotations

from nodes.shapes import slide
from nodes.spec import Call, Category, NodeType, Port, Shape, Size, Unfit, axes, module, setting, spelled

_IMAGES = (2, 3, 4)


class MaxUnpooling(
    NodeType, id="max_unpooling", title="Max unpooling", category=Category.POOLING,
    words="unpool segnet indices positions switches decoder enlarge deconvnet",
):  # fmt: skip
    """Makes an image bigger again after a Max pooling: each value goes to the place where the pooling had found the
    strongest one, and zeros fill the rest. Outlines stay sharp without any trained number. Neighbours that are nearly
    as strong share the value, so that rounding does not decide.

    Use it in a decoder, one for each Max pooling of the encoder, with a wire from what that pooling took. Term:
    unpooling by stored positions (Zeiler and Fergus, 2014; Badrinarayanan et al., SegNet, 2017; arXiv:1511.00561).
    """

    inputs = (
        Port("image", rank=_IMAGES, help="What is made bigger, with as many channels as the pooling had."),
        Port("before", rank=_IMAGES, help="What entered the Max pooling: the strongest places are found in it."),
    )
    example = ((3, 6, 6), (3, 12, 12))

    kernel: Size = setting(
        2, "Side of the windows of that Max pooling, which must lie side by side: its stride is the same.",
        label="Window (kernel)", low=1, high=4096, unit="pixels", brief=True,
    )  # fmt: skip
    near: float = setting(
        20.0, "A neighbour weaker than the strongest by less than this, of the mean strength of the image, shares the "
        "value; equals get half each. With 0 the strongest alone gets it, as in the paper: then the last digit decides "
        "between equals, and an exported model may answer otherwise.",
        label="Nearly equal within", low=0.0, high=100.0, unit="%",
    )  # fmt: skip

    def infer(self, image: Shape, before: Shape) -> Shape:
        if len(image) != len(before) or len(before) not in _IMAGES:
            raise Unfit(f"{spelled(image)} was not made of {spelled(before)} by a Max pooling; wire what it took.")
        pooled = (before[0], *slide(before[1:], self.kernel, self.kernel, "valid", 0).output)
        if image != pooled:
            raise Unfit(
                f"Max pooling makes {spelled(pooled)} of {spelled(before)}, and {spelled(image)} came; wire the image "
                "that entered the pooling of this size, and bring both to as many channels.",
            )
        return before

    def call(self, image: Shape, before: Shape) -> Call:
        kernel = axes(self.kernel, len(self.infer(image, before)) - 1, "kernel")
        return module("runtime.modules.unpooling.MaxUnpooling", kernel=kernel, near=self.near / 100)
