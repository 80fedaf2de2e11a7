"""A CycleGAN: images of one kind are translated into another and back, learned from folders without pairs."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, End, Layer, Plan, Sheet, Size
from .layers import conv, relu

_SIDE = 64
_WATCHED = "Image distance of B"
_SIZES: dict[str, Size] = {
    "channels": (1, "Channels of the images."),
    "width": (16, "Maps of the first layer; the inner ones have four times as many."),
    "units": (3, "How many residual units lie in the middle."),
}
_DRAWING: dict[str, Size] = {
    "width": (16, "Maps of the first layer of each network; those behind it have up to four times as many."),
    "units": _SIZES["units"],
    "side": (_SIDE, "Pixels along each side of the images; a multiple of 4.", 4),
}
_WIDE: dict[str, Json] = {"width": "=width"}
_MADE: dict[str, Json] = {**_WIDE, "units": "=units"}


def _norm(name: str) -> Layer:
    return Layer("instance_normalization", name)


def _residual_unit(board: Board) -> Sheet:
    """Two convolutions whose maps are added to what came in."""
    block = board.block("Residual unit", "Learns what to add to the maps that come in. It keeps their shape.")
    maps = block.enter("maps")
    block.arguments(width=(64, "Maps that come in and leave."))
    learned = block.chain(
        maps, conv("conv1", "=width"), _norm("norm1"), relu("relu1"), conv("conv2", "=width"), _norm("norm2")
    )
    block.leave(block.add(Layer("add"), learned, maps))
    return block


def _generator(board: Board) -> Sheet:
    """From an image of one kind to one of the other."""
    unit = _residual_unit(board)
    block = board.block("Generator", "Translates an image: smaller, changed by residual units, and larger again.")
    image = block.enter()
    block.arguments(**_SIZES)
    small = block.chain(
        image,
        conv("conv1", "=width", 7), _norm("norm1"), relu("relu1"),
        conv("conv2", "=2*width", 3, 2), _norm("norm2"), relu("relu2"),
        conv("conv3", "=4*width", 3, 2), _norm("norm3"), relu("relu3"),
        Layer(unit.use, "units", {"width": "=4*width", "repeat": "=units"}),
    )  # fmt: skip
    block.leave(block.chain(
        small,
        Layer("transposed_convolution", "larger1", {"filters": "=2*width", "kernel": 4}), _norm("norm4"), relu("relu4"),
        Layer("transposed_convolution", "larger2", {"filters": "=width", "kernel": 4}), _norm("norm5"), relu("relu5"),
        conv("image", "=channels", 7, bias=True),
    ))  # fmt: skip
    return block


def _discriminator(board: Board) -> Sheet:
    """From an image to a score for each place (PatchGAN): about 1 for real."""
    block = board.block("Discriminator", "Scores each place of an image: 1 where it looks real, 0 where it looks made.")
    image = block.enter()
    block.arguments(width=(16, "Maps of the first layer."))
    block.leave(block.chain(
        image,
        conv("conv1", "=width", 4, 2, padding="by hand", border=1, bias=True), Layer("leaky_relu", "leaky1"),
        conv("conv2", "=2*width", 4, 2, padding="by hand", border=1), _norm("norm2"), Layer("leaky_relu", "leaky2"),
        conv("conv3", "=4*width"), _norm("norm3"), Layer("leaky_relu", "leaky3"),
        conv("scores", 1, bias=True),
    ))  # fmt: skip
    return block


def _as_own(board: Board, inner: Sheet, name: str, help: str, sizes: dict[str, Size]) -> Sheet:
    """A block around another: it has one set of weights, whichever image it is used on."""
    block = board.block(name, help)
    image = block.enter()
    block.arguments(**sizes)
    block.leave(block.add(Layer(inner.use, "network", {size: f"={size}" for size in sizes}), image))
    return block


def _losses(board: Board, judge: Sheet, domain: str) -> tuple[Sheet, list[str], list[str]]:
    """What is asked of images of one kind: the block, its outputs for the generators and those for their judge."""
    block = board.block(
        f"Losses of {domain}", f"What images of {domain} have to be: taken for real, the same after the way there and "
        "back, and unchanged where nothing is to be translated. And how well their judge tells real from made.",
    )  # fmt: skip
    real, made, back, same = (block.enter(name) for name in ("real", "made", "back", "as it is"))
    block.arguments(width=_SIZES["width"], side=_DRAWING["side"])
    yes, no = (
        block.add(Layer("constant", name, {"shape": "=(1, side//4, side//4)", "value": value}))
        for name, value in (("looks real", 1.0), ("looks made", 0.0))
    )
    of_made, of_real = (
        _used(block, judge, f"judge of {name}", image, _WIDE) for name, image in (("made", made), ("real", real))
    )
    ends = [
        block.leave(block.add(Layer(kind, name, {"weight": weight}), prediction, target), f"{name} loss").node
        for name, kind, weight, prediction, target in (
            ("fooled", "squared_error", 1.0, of_made, yes),
            ("cycle", "absolute_error", 5.0, back, real),
            ("identity", "absolute_error", 1.0, same, real),
            ("known", "squared_error", 0.5, of_real, yes),
            ("caught", "squared_error", 0.5, of_made, no),
        )
    ]
    return block, ends[:3], ends[3:]


def _draw(board: Board) -> None:
    generator, discriminator = _generator(board), _discriminator(board)
    to_a, to_b = (
        _as_own(board, generator, f"{one} to {other}", f"Translates images of {one} into {other}.", _SIZES)
        for one, other in (("B", "A"), ("A", "B"))
    )
    main = board.main
    main.arguments(**_DRAWING)
    real_a, real_b = _images(board, "A", "matched"), _images(board, "B", "drawn independently")
    made_b, made_a = _used(main, to_b, "made B", real_a, _MADE), _used(main, to_a, "made A", real_b, _MADE)
    back_a, back_b = _used(main, to_a, "back to A", made_b, _MADE), _used(main, to_b, "back to B", made_a, _MADE)
    same_a, same_b = _used(main, to_a, "A as it is", real_a, _MADE), _used(main, to_b, "B as it is", real_b, _MADE)
    of_generators: list[End] = []
    of_judges: list[End] = []
    for domain, real, made, back, same in (
        ("A", real_a, made_a, back_a, same_a),
        ("B", real_b, made_b, back_b, same_b),
    ):
        judge = _as_own(board, discriminator, f"Judge of {domain}", f"Tells real images of {domain} from made ones.",
                        {"width": _SIZES["width"]})  # fmt: skip
        block, generators, judges = _losses(board, judge, domain)
        losses = main.add(Layer(block.use, f"losses of {domain}", {**_WIDE, "side": "=side"}), real, made, back, same)
        of_generators += map(losses.at, generators)
        of_judges += map(losses.at, judges)
    for name, real, made in ((_WATCHED, real_b, made_b), ("Image distance of A", real_a, made_a)):
        main.add(Layer("image_distance", name, {"compared": "details"}), made, real)
    for name, real, back in (("PSNR of A", real_a, back_a), ("PSNR of B", real_b, back_b)):
        main.add(Layer("psnr", name), back, real)
    for name, made in (("B from A", made_b), ("A from B", made_a)):
        main.add(Layer("output", name), made)
    main.add(_adam("Generator", 1), *of_generators)
    main.add(_adam("Discriminator", 2), *of_judges)
    board.train_with(Training(epochs=20, batch=1, watch=_WATCHED, ema=0.995))


def _images(board: Board, name: str, matching: str) -> End:
    source = board.main.add(Layer("image_folder", name, {"matching": matching}))
    resized = board.main.add(Layer("resize", f"Resize {name}", {"size": "=side"}), source)
    return board.main.add(Layer("normalise", f"Normalise {name}", {"method": "per image (mean 0, spread 1)"}), resized)


def _used(sheet: Sheet, block: Sheet, name: str, image: End, sizes: dict[str, Json]) -> End:
    return sheet.add(Layer(block.use, name, {"weights": "shared", **sizes}), image)


def _adam(part: str, order: int) -> Layer:
    settings: dict[str, Json] = {"rate": 0.0004, "beta1": 0.5, "schedule": "cosine", "part": part, "order": order}
    return Layer("adam", f"{part}s’", settings)


TEMPLATES = (
    Plan(
        name="cyclegan", draw=_draw, title="CycleGAN", task="generation",
        purpose="Translates images between two kinds, without pairs.",
        says="Two folders, A and B, whose images need not belong together: two generators translate 64×64 images from "
        "one to the other (Zhu et al., 2017). Made images are no measurement: they may show what is not there.",
        tags=("generation", "2-D", "two folders"),
        idea="A generator could turn every A into some B that has nothing to do with it. So what it made is translated "
        "back, and has to be the image that it began with; and an image that is already of the wanted kind has to stay "
        "as it is. Discriminators judge each place of an image on its own. The cases of B are drawn independently: see "
        "“Matching” of its node.",
        paper="Zhu J-Y, Park T, Isola P, Efros AA. Unpaired image-to-image translation using cycle-consistent "
        "adversarial networks. ICCV 2017.",
        link="https://doi.org/10.1109/ICCV.2017.244",
        next=(
            "Train a classifier on the two folders, and see what it takes translated images for.",
            "Leave the identity losses out (weight 0): do brightness and contrast drift?",
            "Train longer, with the arguments width at 32 and units at 6, and larger images (side).",
        ),
    ),
)  # fmt: skip
