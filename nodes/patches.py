"""Patches: a network learns from pieces of large images and answers for whole ones."""

from __future__ import annotations

from nodes.preparation import Preparation
from nodes.shapes import sensible
from nodes.spec import Call, Category, NodeType, Port, Shape, Size, Unfit, axes, module, setting, spelled

_IMAGES = (2, 3, 4)


class Patches(
    Preparation, id="patches", title="Patches", words="patch crop window tile sliding foreground balanced large volume"
):
    """Lets the network see pieces of an image instead of the whole. While training, one piece is cut from each image,
    at random places of which a share lies on what the mask shows; masks are cut with their images. In validation, test
    and use, pieces that overlap by half cover the whole image.

    Use it where whole images are too large, or where what is sought is small. Put Stitch behind the network, with a
    wire from what entered here: it puts the answers for the pieces together.
    """

    inputs = (Port("image", rank=_IMAGES),)
    example = ((1, 96, 96),)
    geometry = True
    cuts = True

    size: Size = setting(
        64, "Side of a piece: one number for all axes, or one for each such as 32×96×96.", low=1, unit="pixels",
        brief=True,
    )  # fmt: skip
    foreground: float = setting(
        0.5, "Share of the pieces that are cut around a pixel of the mask that is not background; the others lie "
        "anywhere. Without it a network that is to find something small would mostly see background.",
        label="Share on the foreground", low=0.0, high=1.0,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        sides = axes(self.size, len(image) - 1, "size")
        if any(side > whole for side, whole in zip(sides, image[1:], strict=True)):
            raise Unfit(
                f"Pieces of {spelled(sides)} pixels cannot be cut from images of {spelled(image[1:])}; use smaller "
                "pieces, or larger images.",
                "size",
            )
        return sensible((image[0], *sides))

    def call(self, image: Shape) -> Call:
        sides = axes(self.size, len(image) - 1, "size")
        return module("runtime.modules.patches.Patches", whole=image[1:], size=sides, foreground=self.foreground)


class Stitch(
    NodeType, id="stitch", title="Stitch", category=Category.MERGE,
    words="patches together whole merge tile sliding window overlap blend",
):  # fmt: skip
    """Puts answers for the pieces that Patches has cut together to one for the whole image. Where pieces overlap, the
    middle of a piece counts more than its border, where the network sees little around a pixel.

    While training nothing is put together: each piece is compared with its own part of the mask. Term: sliding window
    with Gaussian weights (Isensee et al., nnU-Net, 2021; doi:10.1038/s41592-020-01008-z).
    """

    inputs = (
        Port("pieces", rank=_IMAGES, help="What the network answers for the pieces, in their size."),
        Port("image", rank=_IMAGES, help="What entered Patches: the answers get its size."),
    )
    example = ((2, 8, 8), (1, 20, 20))
    geometry = True
    follows = "pieces"
    joins = True

    def infer(self, pieces: Shape, image: Shape) -> Shape:
        if len(pieces) != len(image) or any(part > whole for part, whole in zip(pieces[1:], image[1:], strict=False)):
            raise Unfit(
                f"Pieces of {spelled(pieces[1:])} were not cut from images of {spelled(image[1:])}; wire what entered "
                "Patches.",
                "image",
            )
        return sensible((pieces[0], *image[1:]))

    def call(self, pieces: Shape, image: Shape) -> Call:
        return module("runtime.modules.patches.Stitch", whole=image[1:], size=pieces[1:])
