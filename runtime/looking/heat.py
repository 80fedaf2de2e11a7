"""Maps as pictures: what speaks for an answer is red, what speaks against it blue, both clear where there is little."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from runtime.data.curves import curves
from runtime.data.thumbnail import thumbnail

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

FOR, AGAINST = (255, 64, 32), (48, 128, 255)
_TOP = 99.5  # percentile of the strengths that is shown at full strength
_PICTURE, _GAP, _TEXT, _LINE = 320, 12, 15, 20  # pixels


def heat(found: Floats, rows: int = 0, columns: int = 0) -> Bytes:
    """(H, W, 4) colours of a map (H, W), at another size if one is given; opaque where it is strongest. Of a signal's
    map (samples,) each moment is a column from top to bottom."""
    share = strength(found)
    if found.ndim == 1:
        share = moments(share, columns or len(share))[None]
    return coloured(resized(share, rows, columns) if rows and columns else share)


def strength(found: Floats) -> NDArray[np.float32]:
    """A map of any size as shares of what is shown at full strength, -1 to 1."""
    top = float(np.percentile(np.abs(found), _TOP)) or float(np.abs(found).max())
    return np.clip(found / top, -1, 1).astype(np.float32) if top > 0 else np.zeros(found.shape, np.float32)


def moments(share: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """(columns,) of the shares of a signal's moments: the strongest of those that lie in a column, so that a short one
    is seen."""
    at = np.linspace(0, len(share), columns + 1)
    first = np.minimum(at[:-1].astype(int), len(share) - 1)
    after = np.maximum(np.ceil(at[1:]).astype(int), first + 1)
    some = (share[one:end] for one, end in zip(first, after, strict=True))
    return np.array([part[np.abs(part).argmax()] for part in some], np.float32)


def resized(share: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """(H, W) at another size."""
    return np.asarray(Image.fromarray(share).resize((columns, rows), Image.Resampling.BILINEAR))


def coloured(share: Floats) -> Bytes:
    """(H, W, 4) colours of shares (H, W) from -1 to 1; opaque where it is strongest."""
    colours = np.where((share >= 0)[..., None], np.array(FOR), np.array(AGAINST))
    return np.concatenate([colours, np.abs(share)[..., None] * 255], axis=-1).round().astype(np.uint8)


def strongest_slice(found: Floats) -> int:
    """The slice of a volume's map (slices, rows, columns) on which most is seen."""
    return int(np.abs(found).sum(axis=(1, 2)).argmax())


def picture(image: NDArray[np.float32], side: int = _PICTURE) -> Bytes:
    """(H, W, 3) of an image (C, rows, columns), its longer side as given; of a signal (leads, samples) its curves."""
    if image.ndim == 2:
        return np.repeat(curves(image, side, side * 3 // 2)[..., None], 3, axis=2)
    small = thumbnail(image, side=max(image.shape[-2:]))
    scale = side / max(small.shape[:2])
    size = max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale))
    return np.asarray(Image.fromarray(small).convert("RGB").resize(size, Image.Resampling.BICUBIC))


def overlaid(below: Bytes, found: Floats, opacity: float = 0.7) -> Bytes:
    """(H, W, 3): a picture with the map of it on top."""
    over = heat(found, *below.shape[:2]).astype(np.float32)
    share = over[..., 3:] / 255 * opacity
    return (below * (1 - share) + over[..., :3] * share + 0.5).astype(np.uint8)


def side_by_side(pictures: list[tuple[str, Bytes]], lines: list[str]) -> Image.Image:
    """Pictures in a row with a title over each, and sentences below."""
    heights = [one.shape[0] for _, one in pictures]
    width = _GAP + sum(one.shape[1] + _GAP for _, one in pictures)
    font = ImageFont.load_default(_TEXT)
    wrapped = [part for line in lines for part in _wrapped(line, font, width - 2 * _GAP)]
    sheet = Image.new("RGB", (width, 2 * _GAP + _LINE + max(heights) + _GAP + _LINE * len(wrapped)), "white")
    draw, left = ImageDraw.Draw(sheet), _GAP
    for title, one in pictures:
        draw.text((left, _GAP), title, "black", font)
        sheet.paste(Image.fromarray(one), (left, _GAP + _LINE))
        left += one.shape[1] + _GAP
    for number, line in enumerate(wrapped):
        draw.text((_GAP, 2 * _GAP + _LINE + max(heights) + number * _LINE), line, "black", font)
    return sheet


def _wrapped(text: str, font: Any, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
