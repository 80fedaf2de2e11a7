"""The small pictures of a survey: cases from every class by turns, masks laid over in colour. For looking at only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.data.catalogue import Catalogue, DataSet, FileKind, Sample
from runtime.data.several_numbers import spoken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from runtime.data.pool import Decoded, Failed, Request

_COLOURS = ((255, 92, 64), (64, 160, 255), (255, 200, 40), (90, 210, 120), (200, 110, 255))
_STRENGTH = 0.55  # of the colour over the picture


def chosen(samples: Sequence[Sample], most: int) -> list[int]:
    """At most so many cases: the classes take turns, and within a class they are spread over all of it."""
    classes: dict[str | None, list[int]] = {}
    for index, sample in enumerate(samples):
        if sample.frame == 0 or sample.point is not None:
            classes.setdefault(sample.label, []).append(index)
    share = -(-most // max(len(classes), 1))
    # Small classes leave room to the others.
    rest = most - sum(min(share, len(indexes)) for indexes in classes.values())
    turns = zip_longest(*(_spread(indexes, share + max(rest, 0)) for indexes in classes.values()))
    return [index for turn in turns for index in turn if index is not None][:most]


def pictures(dataset: DataSet, catalogue: Catalogue, into: Path, most: int) -> Iterator[dict[str, Any]]:
    """Write small pictures of cases, decoded in supervised children; a record for each, or for what cannot be read."""
    from PIL import Image

    from runtime.data.points.patches import cut
    from runtime.data.pool import Failed, decode

    into.mkdir(parents=True, exist_ok=True)
    kinds = {item.path: item.kind for item in catalogue.found}
    indexes = chosen(dataset.samples, most)
    answers = decode(list(_requests(dataset, indexes, kinds)))
    for index in indexes:
        sample = dataset.samples[index]
        image, mask = next(answers), next(answers) if _masked(dataset, sample) else None
        if isinstance(image, Failed):
            yield {"record": "unreadable", "path": sample.path, "reason": image.reason}
            continue
        fault, drawn = _mask_of(sample, image, mask)
        if fault:
            yield {"record": "unreadable", "path": sample.mask, "reason": fault}
        file = into / f"{index:06d}.png"
        frame = image.array[sample.frame if sample.point else 0]
        if sample.point is not None:
            frame = cut(frame, sample)
        Image.fromarray(_picture(frame, drawn, dataset.mask_values)).save(file)
        truth = _truth(dataset, sample, drawn)
        yield {"record": "thumbnail", "path": sample.path, "file": str(file), "truth": truth, "patient": sample.patient}


def _spread(indexes: Sequence[int], most: int) -> list[int]:
    """At most so many, evenly over the whole, first and last among them."""
    if len(indexes) <= most:
        return list(indexes)
    return [indexes[round(step * (len(indexes) - 1) / max(most - 1, 1))] for step in range(most)]


def _masked(dataset: DataSet, sample: Sample) -> bool:
    return dataset.label == "mask" and sample.mask is not None


def _requests(dataset: DataSet, indexes: Sequence[int], kinds: dict[str, FileKind]) -> Iterator[Request]:
    from runtime.data.pool import Request

    root = Path(dataset.folder)
    for index in indexes:
        sample = dataset.samples[index]
        yield Request(root / sample.path, kinds[sample.path])
        if _masked(dataset, sample) and sample.mask is not None:
            yield Request(root / sample.mask, kinds.get(sample.mask, dataset.kind), mask=True)


def _mask_of(sample: Sample, image: Decoded, mask: Decoded | Failed | None) -> tuple[str, NDArray[Any] | None]:
    """What is wrong with the mask, and its stored values for the first frame."""
    from runtime.data.pool import Failed

    if mask is None:
        return "", None
    if isinstance(mask, Failed):
        return mask.reason, None
    values, expected = mask.array, image.array[0].shape[1:]
    if values.ndim == len(expected) + 1:
        values = values[0]
    if values.shape != expected:
        came, fits = ("×".join(map(str, shape)) for shape in (values.shape, expected))
        return f"The mask has {came} pixels, but its image {sample.path} has {fits}.", None
    return "", values


def _truth(dataset: DataSet, sample: Sample, drawn: NDArray[Any] | None) -> str | float | None:
    if drawn is None:
        numbers = spoken(sample.numbers) if sample.numbers else sample.number
        return sample.label if sample.label is not None else numbers
    pairs = zip(dataset.classes[1:], dataset.mask_values[1:], strict=False)
    return ", ".join(name for name, value in pairs if bool((drawn == value).any())) or "nothing drawn"


def _picture(frame: NDArray[np.float32], drawn: NDArray[Any] | None, values: Sequence[int]) -> NDArray[np.uint8]:
    """The image, or of a volume the slice on which most is drawn, with its mask over it."""
    import numpy as np

    from runtime.data.thumbnail import thumbnail

    if frame.ndim == 4:
        depth = frame.shape[1] // 2
        if drawn is not None:
            areas = np.count_nonzero(drawn != values[0], axis=(1, 2))
            depth = int(areas.argmax()) if areas.any() else depth
            drawn = drawn[depth]
        frame = frame[:, depth]
    picture = thumbnail(frame)
    return picture if drawn is None else _overlaid(picture, drawn, values)


def _overlaid(picture: NDArray[np.uint8], drawn: NDArray[Any], values: Sequence[int]) -> NDArray[np.uint8]:
    """The picture in colour, tinted where something is drawn."""
    import numpy as np
    from PIL import Image

    coloured = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    shown: NDArray[Any] = coloured.astype(np.float32)
    for place, value in enumerate(values[1:]):
        whole = Image.fromarray((drawn == value).astype(np.uint8) * 255)
        small = whole.resize((picture.shape[1], picture.shape[0]), Image.Resampling.BOX)
        # What covers half of a shrunken pixel or less still shows: small findings are what one looks for.
        share = np.minimum(2 * np.asarray(small, np.float32)[..., None] / 255, 1) * _STRENGTH
        shown = shown * (1 - share) + np.asarray(_COLOURS[place % len(_COLOURS)], np.float32) * share
    return (shown + 0.5).astype(np.uint8)
