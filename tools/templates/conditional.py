"""A conditional GAN: the class of the image to be made is told to both players."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, End, Layer, Plan, Sheet, Size
from .layers import conv, dense, flatten, norm

_SIDE, _NOISE, _WIDTH = 28, 64, 128
_SMALL = "side//4"
_SIZES: dict[str, Size] = {
    "width": (_WIDTH, "Four times the maps of the largest images; all layers grow with it."),
    "side": (_SIDE, "Pixels along each side of the images; a multiple of 4.", 4),
}
_SIZED: dict[str, Json] = {"width": "=width", "side": "=side"}


def _generator(board: Board) -> Sheet:
    """From noise and class to an image with values from 0 to 1."""
    block = board.block("Generator", "Makes an image of a class out of noise, with values from 0 to 1.")
    noise, wanted = block.enter("noise"), block.enter("class")
    block.arguments(channels=(1, "Channels of the image."), **_SIZES)
    both = block.add(Layer("concatenate"), noise, wanted)
    small = Layer("reshape", "small image", {"shape": f"=(width//2, {_SMALL}, {_SMALL})"})
    block.leave(
        block.chain(
            both, dense("pixels", f"=width//2*({_SMALL})*({_SMALL})"), norm("bn1"), Layer("relu", "relu1"), small,
            Layer("transposed_convolution", "larger", {"filters": "=width//4", "kernel": 4}), norm("bn2"),
            Layer("relu", "relu2"), Layer("transposed_convolution", "image", {"filters": "=channels", "kernel": 4}),
            Layer("sigmoid"),
        )
    )  # fmt: skip
    return block


def _discriminator(board: Board) -> Sheet:
    """From an image and its class to one score: above 0 for real."""
    block = board.block("Discriminator", "Scores whether an image is real, and of its class: above 0 is real.")
    image, told = block.enter("image"), block.enter("class")
    block.arguments(**_SIZES)
    as_image = Layer("reshape", "as image", {"shape": "=(1, side, side)"})
    shown = block.chain(told, dense("class map", "=side*side"), as_image)
    block.leave(
        block.chain(
            block.add(Layer("concatenate"), image, shown),
            conv("conv1", "=width//4", 4, 2, padding="by hand", border=1, bias=True), Layer("leaky_relu", "leaky1"),
            conv("conv2", "=width//2", 4, 2, padding="by hand", border=1, bias=True), Layer("leaky_relu", "leaky2"),
            flatten(), dense("score", 1),
        )
    )  # fmt: skip
    return block


def _draw(board: Board) -> None:
    main, generator, discriminator = board.main, _generator(board), _discriminator(board)
    main.arguments(**_SIZES, noise=(_NOISE, "Random numbers that an image is made of."))
    source = main.add(Layer("image_folder", "Images"))
    real = main.chain(
        source, Layer("resize", settings={"size": "=side"}), Layer("normalise", settings={"method": "range to 0–1"})
    )
    label = main.add(Layer("one_hot", "class"), source.at("class"))
    noise = main.add(Layer("noise", settings={"shape": "=(noise,)"}))
    made = main.add(Layer(generator.use, "Generator", _SIZED), noise, label)
    scores = [
        main.add(Layer(discriminator.use, name, {"weights": "shared", **_SIZED}), image, label)
        for name, image in (("of real", real), ("of made", made))
    ]
    answers = {name: main.add(Layer("constant", name, {"value": value})) for name, value in (("yes", 0.9), ("no", 0.0))}
    told = [_judged(board, *one) for one in ((scores[0], answers["yes"]), (scores[1], answers["no"]))]
    fooled = _judged(board, scores[1], answers["yes"])
    main.add(Layer("image_distance"), made, real)
    main.add(Layer("output"), made)
    main.add(_adam("Discriminator", 0.0002, 1), *told)
    main.add(_adam("Generator", 0.001, 2), fooled)
    board.train_with(Training(epochs=30, batch=32, watch="image_distance"))


def _adam(part: str, rate: float, order: int) -> Layer:
    return Layer("adam", f"{part}’s", {"rate": rate, "beta1": 0.5, "part": part, "order": order})


def _judged(board: Board, score: End, answer: End) -> End:
    return board.main.add(Layer("binary_cross_entropy"), score, answer)


TEMPLATES = (
    Plan(
        name="conditional-gan", draw=_draw, title="Conditional GAN", task="generation",
        purpose="Makes new images of the class that you name.",
        says="A GAN in which both players are told the class (Mirza and Osindero, 2014): the generator makes 28×28 "
        "images of it, the discriminator says whether an image is real and of this class. Each image needs one.",
        tags=("generation", "2-D"),
        idea="An image that looks real but is of another class than was asked for gives the generator away, so it has "
        "to use what it is told. Afterwards the class is an input of the model, beside the noise.",
        paper="Mirza M, Osindero S. Conditional generative adversarial nets. 2014.",
        link="https://arxiv.org/abs/1411.1784",
        next=(
            "Train a classifier on the real images, and see whether it finds the wanted class in made ones.",
            "Write images of one class with netloom generate RUN --class NAME.",
            "Use the same noise for two classes: what stays alike? Set the argument width to 256 for larger "
            "players.",
        ),
    ),
)  # fmt: skip
