"""Residual networks: ResNet for 224×224 pixels, the deep one for 32×32, and SE-ResNet."""

from __future__ import annotations

from functools import partial

from runtime.graph import Json, Training

from .board import Board, End, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, max_pool, mean, norm, relu, times
from .residual import Body, basic, bottleneck, projected, stage, unit

_HE = "He K, Zhang X, Ren S, Sun J. Deep residual learning for image recognition. CVPR 2016."
_HE_LINK = "https://arxiv.org/abs/1512.03385"
_TAGS = ("classification", "regression", "2-D", "3-D")


def _stages(board: Board, start: End, widths: tuple[int, ...], depths: tuple[int | str, ...], body: Body) -> End:
    """Stages layer1, layer2, …; each but the first halves the image."""
    widened = "=width" if body is basic else "=4*width"
    plain = unit(board, body)
    whole = stage(board, projected(board, body, widened), plain)
    for number, (width, depth) in enumerate(zip(widths, depths, strict=True), start=1):
        settings: dict[str, Json] = {"width": times(width, widths[0]), "units": depth, "stride": 2 if number > 1 else 1}
        layer = Layer(whole.use, f"layer{number}", settings)
        if number == 1 and body is basic:  # as many maps come in as leave: nothing to project
            layer = Layer(plain.use, "layer1", {"width": "=width", "repeat": depth})
        start = board.main.chain(start, layer)
    return start


def _draw(board: Board, depths: tuple[int, ...], body: Body) -> None:
    board.main.arguments(width=(64, "Maps of the first stage; each further one has twice as many."))
    source, image = images(board, 224)
    stem = board.main.chain(
        image, conv("conv1", "=width", 7, 2), norm("bn1"), relu(), max_pool("maxpool", 3, 2, padding="same")
    )
    end = _stages(board, stem, (64, 128, 256, 512), depths, body)
    scores = board.main.chain(end, mean(), dense("fc", CLASSES))
    judged_as_classes(board, source, scores, adam(), Training(epochs=20, batch=16))


def _draw_cifar(board: Board, depth: int) -> None:
    board.main.arguments(
        width=(16, "Maps of the first stage; each further one has twice as many."),
        depth=(depth, "Units of each of the three stages."),
    )
    source, image = images(board, 32)
    stem = board.main.chain(image, conv("conv1", "=width"), norm("bn1"), relu())
    end = _stages(board, stem, (16, 32, 64), ("=depth",) * 3, basic)
    scores = board.main.chain(end, mean(), dense("fc", 10))
    judged_as_classes(board, source, scores, adam(), Training(epochs=40, batch=32))


def _squeezed(board: Board) -> Body:
    """A bottleneck whose maps are weighed by a squeeze-and-excitation block."""
    gate = _gate(board)

    def body(sheet: Sheet, image: End, stride: str | int) -> End:
        return sheet.chain(bottleneck(sheet, image, stride), Layer(gate.use, "se_module", {"channels": "=4*width"}))

    return body


def _gate(board: Board) -> Sheet:
    block = board.block("Squeeze and excitation", "Weighs each map by a number that is learned from all maps.")
    image = block.enter()
    block.arguments(
        channels=(256, "Maps that come in, and leave."), reduction=(16, "How many times fewer there are in between.")
    )
    weights = block.chain(
        image,
        Layer("global_average_pooling", "squeeze", {"keep_axes": True}),
        conv("fc1", "=channels//reduction", 1, bias=True), relu(),
        conv("fc2", "=channels", 1, bias=True), Layer("sigmoid", "sigmoid"),
    )  # fmt: skip
    block.leave(block.add(Layer("multiply", "excite"), image, weights))
    return block


def _draw_squeezed(board: Board, depths: tuple[int, ...]) -> None:
    _draw(board, depths, _squeezed(board))


def _plan(layers: int, depths: tuple[int, ...], body: Body, purpose: str, says: str, next: tuple[str, ...]) -> Plan:
    return Plan(
        name=f"resnet-{layers}", draw=partial(_draw, depths=depths, body=body), title=f"ResNet-{layers}",
        task="classification", purpose=purpose, says=says, tags=_TAGS,
        idea="A wire leads around every two or three layers, and what the layers learned is added to it. So a deep "
        "network begins as a shallow one, and gradients reach its first layers.",
        paper=_HE, link=_HE_LINK,
        next=(*next, "Set the argument width for the whole network, and the units of each stage at layer1 to layer4."),
    )  # fmt: skip


TEMPLATES = (
    _plan(
        18, (2, 2, 2, 2), basic, "The usual first choice with some hundred images.",
        "Eighteen layers with shortcuts around every two of them, on 224×224 pixels (He and others, 2016). It "
        "learns well from scratch, and takes volumes too.",
        ("Set the resize to 96 for quick tries; the network takes any size.",
         "Set the argument width to 32 when the training result is much better than the validation result."),
    ),
    _plan(
        34, (3, 4, 6, 3), basic, "Deeper than ResNet-18, of the same simple units.",
        "Thirty-four layers with shortcuts around every two of them, on 224×224 pixels (He and others, 2016). Worth it "
        "where ResNet-18 does not learn the training images.",
        ("Compare it with ResNet-18 on the same split before believing that deeper is better.",),
    ),
    _plan(
        50, (3, 4, 6, 3), bottleneck, "The standard of medical imaging studies.",
        "Fifty layers, in units that first make the maps fewer and then many again (He and others, 2016). Most "
        "published results on X-rays and slices begin with it, so it is good to compare with.",
        ("Load weights trained on ImageNet: with few images that helps more than any change of the network.",),
    ),
    _plan(
        101, (3, 4, 23, 3), bottleneck, "A hundred layers, for large data sets.",
        "As ResNet-50 with twenty-three units in its third stage (He and others, 2016). It needs a GPU, and "
        "thousands of images.",
        ("See in the curves whether ResNet-50 was too small at all: did it learn the training images?",),
    ),
    _plan(
        152, (3, 8, 36, 3), bottleneck, "The deepest of its family, winner of 2015.",
        "As ResNet-50 with eight and thirty-six units in its middle stages (He and others, 2016). It won ImageNet "
        "2015, and needs a large GPU.",
        ("Lower the batch and add up gradients of several batches when memory is short.",),
    ),
    Plan(
        name="resnet-110", draw=partial(_draw_cifar, depth=18), title="ResNet-110 for small images",
        task="classification", purpose="A hundred and ten thin layers for 32×32 pixels.",
        says="Fifty-four units of 16, 32 and 64 maps on images of 32×32 pixels (He and others, 2016, section 4.2). "
        "It shows that very deep networks can be trained, with less than two million trained numbers.",
        tags=_TAGS,
        idea="Three stages of eighteen units each. The image is never made smaller than 8×8, so small pictures "
        "suffice.",
        paper=_HE, link=_HE_LINK,
        next=(
            "Set the argument depth to 3 for ResNet-20, to 5 for ResNet-32: what does depth bring?",
            "Dissolve a unit, take its Add away, and see how the training stalls without the shortcut.",
        ),
    ),
    Plan(
        name="se-resnet-50", draw=partial(_draw_squeezed, depths=(3, 4, 6, 3)), title="SE-ResNet-50",
        task="classification", purpose="ResNet-50 that learns which maps matter.",
        says="In every unit a small network weighs the maps by what the whole image shows (Hu and others, 2018). It "
        "costs little time and is often a little better than ResNet-50.",
        tags=_TAGS,
        idea="Squeeze: each map becomes its mean. Excite: two small layers turn the means into weights between 0 "
        "and 1, with which the maps are multiplied.",
        paper="Hu J, Shen L, Sun G. Squeeze-and-excitation networks. CVPR 2018.",
        link="https://arxiv.org/abs/1709.01507",
        next=(
            "Open layer1, a unit and se_module to see the gate, and change its reduction from 16 to 8; the argument "
            "width resizes the whole network.",
            "Use the block “Squeeze and excitation” in a network of your own: copy it over with Ctrl+C.",
        ),
    ),
)  # fmt: skip
