"""Reading PNG, JPEG, TIFF, BMP and GIF with every bit they hold."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from runtime.data.arrays import blocks_of, is_array_file, read_arrays
from runtime.data.faults import READ_ERRORS, FileFault, check_budget, in_words

Floats = NDArray[np.float32]
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF")
_GREY = frozenset({"1", "L", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_TOPS = {"1": 1, "L": 255, "I;16": 65535, "I;16L": 65535, "I;16B": 65535, "I;16N": 65535}
_WIDE = frozenset({"RGB;16", "RGBA;16", "RGBX;16"})  # raw modes, without the letter of the order of bytes
_ORIENTATION = 274  # EXIF tag; 5 to 8 swap rows and columns


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture's header says."""

    channels: int
    rows: int
    columns: int
    frames: int
    top: int = 0  # the largest value that a pixel can store; 0 when the format sets no such end
    notes: tuple[str, ...] = ()
    slices: int = 0  # of a volume in a file of arrays; 0 for a plane

    @property
    def size(self) -> tuple[int, ...]:
        """(rows, columns), or (slices, rows, columns)."""
        return (self.slices, self.rows, self.columns) if self.slices else (self.rows, self.columns)


def describe(path: Path) -> Picture:
    """The size, channels and pages of a picture, or of the images in a file of arrays, from its header.

    Raises FileFault.
    """
    if is_array_file(path):
        return _of_arrays(path)
    with _opened(path) as image:
        said = _picture(image)
    return replace(said, notes=_remarks(path))


def read_pages(path: Path) -> NDArray[Any]:
    """All pages of a picture, float32 (frames, channels, rows, columns), with the numbers as stored. Raises FileFault.

    16-bit grey and colour stay 16-bit; palettes become RGB; alpha is dropped; grey has one channel; EXIF orientation is
    applied. Images in a file of arrays may have three axes of space; their whole numbers of up to 16 bits stay as they
    are.
    """
    if is_array_file(path):
        return read_arrays(path)
    with _opened(path) as image:
        said = _picture(image)
        result = np.empty((said.frames, said.channels, said.rows, said.columns), np.float32)
        for index in range(said.frames):
            image.seek(index)
            page = _as_array(_upright(image)) if not _wide(image) else _sixteen_bits(path, image, index)
            if page.shape != result.shape[1:]:
                raise FileFault(f"has pages of different sizes (page {index + 1}); save each page as its own file")
            result[index] = page
    return result


def _of_arrays(path: Path) -> Picture:
    blocks = blocks_of(path)
    slices, (rows, columns) = (0, *blocks[0].size)[-3], blocks[0].size[-2:]
    dtype = blocks[0].dtype
    top = int(np.iinfo(dtype).max) if dtype.kind == "u" and dtype.itemsize <= 2 else 0
    return Picture(blocks[0].channels, rows, columns, sum(block.count for block in blocks), top, slices=slices)


def read_indexes(path: Path) -> NDArray[Any]:
    """The stored numbers of a mask, (pages, rows, columns); a palette picture gives its indexes. Raises FileFault."""
    with _opened(path) as image:
        pages = []
        for index in range(_picture(image).frames):
            image.seek(index)
            pages.append(_one_number(np.asarray(_upright(image)), image.mode))
        if len({page.shape for page in pages}) != 1:
            raise FileFault("has pages of different sizes; save each page as its own file")
        return np.stack(pages)


def _one_number(page: NDArray[Any], mode: str) -> NDArray[Any]:
    if page.ndim == 2:
        return page
    colours = page[..., :1] if mode in ("LA", "PA") else page[..., :3]
    if not (colours == colours[..., :1]).all():
        raise FileFault("is a colour image, not a mask; a mask has one number per pixel")
    return colours[..., 0]


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about large pictures and odd metadata; our own limit decides
        try:
            # Given a path, Pillow maps an uncompressed TIFF into memory and garbles it when it is to be turned.
            with path.open("rb") as file, Image.open(file, formats=_FORMATS) as image:
                yield image
        except Image.DecompressionBombError as error:
            raise FileFault("is too large to be opened as one picture; cut it into smaller images") from error
        except READ_ERRORS as error:
            raise FileFault(in_words(error)) from error


def _picture(image: Image.Image) -> Picture:
    frames = int(getattr(image, "n_frames", 1)) if isinstance(image, TiffImageFile | GifImageFile) else 1
    columns, rows = image.size
    if _orientation(image) in (5, 6, 7, 8):
        rows, columns = columns, rows
    channels = 1 if image.mode in _GREY or image.mode in ("LA", "La") else 3
    check_budget(f"{rows}×{columns} pixels × {frames} pages", rows, columns, channels, frames)
    top = 65535 if _wide(image) else _TOPS.get(image.mode, 255 if image.mode not in _GREY else 0)
    return Picture(channels, rows, columns, frames, top)


def _remarks(path: Path) -> tuple[str, ...]:
    """What is lost: of grey with alpha in 16 bits, Pillow gives the upper 8 only."""
    with path.open("rb") as file:
        head = file.read(26)
    if head.startswith(b"\x89PNG") and head[24:25] == b"\x10" and head[25:26] == b"\4":
        return ("has 16-bit grey with alpha, of which the upper 8 bits are used",)
    return ()


def _wide(image: Image.Image) -> bool:
    """Whether a picture that is not decoded yet holds colours of 16 bits, of which Pillow gives the upper 8."""
    tiles = image.tile if isinstance(image, ImageFile) else []
    return bool(tiles) and all(_raw_mode(tile.args)[:-1] in _WIDE for tile in tiles)


def _raw_mode(args: Any) -> str:
    return args if isinstance(args, str) else str(args[0]) if args else ""


def _sixteen_bits(path: Path, image: Image.Image, index: int) -> Floats:
    """One page of 16-bit colours: decoded in both orders of bytes, whose upper 8 bits are its upper and lower ones."""
    tiles = image.tile if isinstance(image, ImageFile) else []
    swapped = [tile._replace(args=_other_order(tile.args)) for tile in tiles]
    upper = _as_array(_upright(image))
    with _opened(path) as again:
        again.seek(index)
        if isinstance(again, ImageFile):
            again.tile = swapped
        return upper * 256 + _as_array(_upright(again))


def _other_order(args: Any) -> Any:
    """The raw mode of a tile with the other order of bytes."""
    mode = _raw_mode(args)
    little = mode[-1] == "L" or (mode[-1] == "N" and sys.byteorder == "little")
    other = mode[:-1] + ("B" if little else "L")
    return other if isinstance(args, str) else (other, *args[1:])


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation that remains to be applied, from the header."""
    # Pillow turns a TIFF itself, and would decode a whole PNG in search of EXIF data behind the pixels.
    if isinstance(image, TiffImageFile) or (isinstance(image, PngImageFile) and "exif" not in image.info):
        return 1
    return int(image.getexif().get(_ORIENTATION, 1))


def _upright(image: Image.Image) -> Image.Image:
    """The page as the camera was held."""
    return ImageOps.exif_transpose(image) if _orientation(image) != 1 else image


def _as_array(image: Image.Image) -> Floats:
    """One page as float32 (channels, rows, columns)."""
    if image.mode in ("LA", "La"):
        image = image.getchannel(0)
    if image.mode in _GREY:
        return np.asarray(image).astype(np.float32)[None]
    # Dropping alpha by convert keeps the stored colours; nothing is blended.
    return np.moveaxis(np.asarray(image.convert("RGB")), 2, 0).astype(np.float32)
