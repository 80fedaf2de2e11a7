"""What makes images bigger as Upsample does."""

from __future__ import annotations

from runtime.graph import Json
from runtime.importing.onnx.sketch import Place, Sketch


def resize(sketch: Sketch) -> Place:
    """Resize: Upsample, where places are counted as it counts them."""
    told, place, shape = sketch.step.attributes, sketch.place(), sketch.shape()
    mode = told.get("mode", "nearest")
    if shape[0] != place.shape[0]:
        raise sketch.refusal("resizes the channels")
    if place.shape == shape:
        return place
    ways = told.get("coordinate_transformation_mode", "half_pixel"), told.get("nearest_mode", "round_prefer_floor")
    factors = [new / old for new, old in zip(shape[1:], place.shape[1:], strict=True)]
    _check_scales(sketch, factors)
    whole = all(factor.is_integer() for factor in factors)
    settings: dict[str, Json] = {"factor": [int(factor) for factor in factors]} if whole else {"size": list(shape[1:])}
    if mode == "nearest" and _repeats(ways, factors):
        return sketch.draw("upsample", [place], None, "", mode="nearest", **settings)
    grows = all(factor >= 1 for factor in factors) or not told.get("antialias", 0)
    if mode == "linear" and ways[0] in ("half_pixel", "pytorch_half_pixel") and grows:
        return sketch.draw("upsample", [place], None, "", mode="linear", **settings)
    if mode == "linear" and ways[0] == "align_corners":
        return sketch.draw("upsample", [place], None, "", mode="linear, corners aligned", **settings)
    raise sketch.refusal(
        f"counts pixels in a way that Upsample does not ({mode}, {ways[0].replace('_', ' ')}"
        f"{', ' + ways[1].replace('_', ' ') if mode == 'nearest' else ''})"
    )


def _check_scales(sketch: Sketch, factors: list[float]) -> None:
    scales = sketch.constant(2)
    if scales is None or not scales.size:
        return
    if any(abs(factor - scale) > 1e-4 for factor, scale in zip(factors, scales.flat[2:], strict=False)):
        raise sketch.refusal("enlarges by factors that the size does not come out even with")


def _repeats(ways: tuple[str, str], factors: list[float]) -> bool:
    """Whether each pixel is taken from where Upsample takes it: the place in the small image, rounded down."""
    whole = all(factor.is_integer() for factor in factors)
    if ways[0] == "asymmetric":
        return ways[1] == "floor" or (ways[1] == "round_prefer_floor" and whole and max(factors) <= 2)
    return ways[0] in ("half_pixel", "pytorch_half_pixel") and ways[1].startswith("round") and whole


def cubic(sketch: Sketch) -> Place:
    """A group of operators that enlarges images bicubically (see `find_cubics`): Upsample."""
    size = list(sketch.step.attributes["size"])
    return sketch.draw("upsample", [sketch.place()], None, "", mode="cubic", size=size)


TABLE = {"Resize": resize, "Cubic": cubic}
