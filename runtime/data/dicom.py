"""Reading the pixels of one DICOM file into real units (Hounsfield units, counts ...): no window, no 8 bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.decoders import base as decoders
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

from runtime.data.faults import READ_ERRORS, FileFault, check_budget, in_words
from runtime.data.header import (
    Header,
    frames_declared,
    is_bare,
    items,
    numbers,
    open_dicom,
    quietly,
    syntax_name,
    text,
    whole,
    written,
)

Floats = NDArray[np.float32]
Array = NDArray[Any]
_COLOURS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_422", "YBR_PARTIAL_420"})


def read_frames(path: Path) -> Floats:
    """The pixels of a DICOM file in real units: float32 (frames, channels, rows, columns).

    Grey images have one channel: stored value × slope + intercept of the frame (functional groups for multi-frame
    objects), or the Modality LUT, which wins. Colour images have three channels (R, G, B) with the numbers as stored;
    YBR is converted once, a palette is applied.

    MONOCHROME1 (bright = low) is inverted so that bright is high in every image: before the rescale,
    stored becomes lowest + highest - stored, where lowest and highest follow from BitsStored and PixelRepresentation
    alone and never from the image's content. As the rescale is linear, this equals inverting within the range of
    possible real values. No window, overlay or padding rule is applied. Raises FileFault.
    """
    with quietly():
        return _real_units(_opened(path))


def _opened(path: Path) -> Dataset:
    with path.open("rb") as file:
        dataset = open_dicom(file, is_bare(path), header_only=False)
    if not len(dataset):  # the reader gives up all it has read when the file ends within a sequence
        raise FileFault("ends before its last element; copy it again from where it came")
    return dataset


def _real_units(dataset: Dataset) -> Floats:
    rows, columns, frames = whole(dataset, "Rows"), whole(dataset, "Columns"), frames_declared(dataset)
    if not rows or not columns:
        raise FileFault("has no image: Rows or Columns is missing")
    samples = whole(dataset, "SamplesPerPixel") or 1
    channels = channels_of(dataset)
    check_budget(f"{rows}×{columns} pixels × {frames} frames", rows, columns, frames, max(channels, samples))
    convert = _Converter(dataset, frames)
    result = np.empty((frames, channels, rows, columns), np.float32)
    for index, frame in enumerate(_stored(dataset, frames)):
        result[index] = np.moveaxis(convert(frame, index).reshape(rows, columns, channels), 2, 0)
    return result


def channels_of(dataset: Header) -> int:
    """1 for grey, 3 for colour and palette images. Raises FileFault for other kinds of pixels."""
    photometric = text(dataset, "PhotometricInterpretation")
    samples = whole(dataset, "SamplesPerPixel") or 1
    if photometric in ("MONOCHROME1", "MONOCHROME2", "") and samples == 1:
        return 1
    if (photometric == "PALETTE COLOR" and samples == 1) or (photometric in _COLOURS and samples == 3):
        return 3
    raise FileFault(
        f"has pixels of a kind that is not read: {photometric or 'unnamed'} with {samples} samples per pixel"
    )


def stored_values(path: Path) -> Array:
    """The stored numbers of a DICOM file, (frames, rows, columns): masks. Raises FileFault for colour images."""
    with quietly():
        dataset = _opened(path)
        rows, columns, frames = whole(dataset, "Rows") or 0, whole(dataset, "Columns") or 0, frames_declared(dataset)
        if (whole(dataset, "SamplesPerPixel") or 1) != 1:
            raise FileFault("is a colour image, not a mask; a mask has one number per pixel")
        check_budget(f"{rows}×{columns} pixels × {frames} frames", rows, columns, frames)
        return np.stack([_unused_bits_cleared(frame, dataset) for frame in _stored(dataset, frames)])


class _Converter:
    """Turns stored frames of one file into real units."""

    def __init__(self, dataset: Dataset, frames: int) -> None:
        self.dataset = dataset
        self.colour = channels_of(dataset) == 3
        self.palette = text(dataset, "PhotometricInterpretation") == "PALETTE COLOR"
        self.inverted = text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        self.lut = bool(items(dataset, "ModalityLUTSequence")) and not self.colour
        self.scales = [] if self.colour or self.lut else scales(dataset, frames)

    def __call__(self, frame: Array, index: int) -> Array:
        if self.palette:
            return apply_color_lut(frame, self.dataset).astype(np.float32)
        if self.colour:
            return frame.astype(np.float32)
        values = _unused_bits_cleared(frame, self.dataset)
        if self.lut:
            return self._by_lut(values)
        real = values.astype(np.float64)
        if self.inverted:
            real = sum(stored_range(self.dataset, values.dtype)) - real
        slope, intercept = self.scales[index]
        return real * slope + intercept

    def _by_lut(self, values: Array) -> Array:
        real = np.asarray(apply_modality_lut(values, self.dataset), np.float64)
        if not self.inverted:
            return real
        bits = int(items(self.dataset, "ModalityLUTSequence")[0].LUTDescriptor[2])
        return float(2**bits - 1) - real


def stored_range(dataset: Dataset, dtype: np.dtype[Any]) -> tuple[int, int]:
    """The lowest and highest number that the stored bits can hold. Raises FileFault for float pixels."""
    if dtype.kind == "f":
        raise FileFault("has float pixels marked MONOCHROME1, whose range is not known; store it as MONOCHROME2")
    bits = whole(dataset, "BitsStored") or whole(dataset, "BitsAllocated") or dtype.itemsize * 8
    signed = bool(whole(dataset, "PixelRepresentation"))
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def scales(dataset: Header, frames: int) -> list[tuple[float, float]]:
    """(slope, intercept) of every frame: its functional group's, else the shared one, else the file's, else (1, 0)."""
    shared = _scale_in(items(dataset, "SharedFunctionalGroupsSequence"), 0) or _scale(dataset) or (1.0, 0.0)
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    return [_scale_in(groups, index) or shared for index in range(frames)]


def _scale_in(groups: list[Dataset], index: int) -> tuple[float, float] | None:
    found = items(groups[index], "PixelValueTransformationSequence") if index < len(groups) else []
    return _scale(found[0]) if found else None


def _scale(dataset: Header) -> tuple[float, float] | None:
    for keyword in ("RescaleSlope", "RescaleIntercept"):
        if written(dataset, keyword) == "":
            raise FileFault(f"has an empty {keyword}, so its numbers have no meaning; export it again")
    slope, intercept = numbers(dataset, "RescaleSlope"), numbers(dataset, "RescaleIntercept")
    if slope and slope[0] == 0:
        raise FileFault("says RescaleSlope 0, which makes every pixel equal; export it again")
    if not slope and not intercept:
        return None
    return (slope[0] if slope else 1.0), (intercept[0] if intercept else 0.0)


def _unused_bits_cleared(frame: Array, dataset: Dataset) -> Array:
    """Native byte order, and the bits above BitsStored replaced by the sign: compressed files may carry junk there."""
    values = frame.astype(frame.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind not in "iu":
        return values
    stored = whole(dataset, "BitsStored") or 0
    spare = values.dtype.itemsize * 8 - stored
    if not stored or spare <= 0:
        return values
    cleared: Array = np.right_shift(np.left_shift(values, spare), spare)
    return cleared


def _stored(dataset: Dataset, frames: int) -> Iterator[Array]:
    """Exactly `frames` decoded frames. Raises FileFault when fewer are present or no decoder can read them."""
    if not any(name in dataset for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise FileFault("has no pixel data")
    if "NumberOfFrames" in dataset:
        dataset.NumberOfFrames = frames
    count = 0
    try:
        decoder = decoders.get_decoder(dataset.file_meta.TransferSyntaxUID)
        # The sign of JPEG-LS is set by _unused_bits_cleared: pydicom sets it in memory that it may not write to.
        decoded = decoder.iter_array(dataset, raw=False, apply_jls_sign_correction=False)
        for frame, _ in itertools.islice(decoded, frames):
            yield frame
            count += 1
    except READ_ERRORS as error:
        raise FileFault(_undecoded(dataset, error, count, frames)) from error
    if count < frames:
        raise FileFault(f"says it has {frames} frames, but holds {count}")


def _undecoded(dataset: Dataset, error: Exception, count: int, frames: int) -> str:
    if count and count < frames:
        return f"says it has {frames} frames, but only {count} could be read"
    if isinstance(error, NotImplementedError):
        return f"is compressed as '{syntax_name(dataset)}', for which there is no decoder; save it uncompressed"
    if isinstance(error, RuntimeError):
        details = " ".join(str(error).split())[:300]
        return f"is compressed as '{syntax_name(dataset)}' and no decoder could read it ({details})"
    return in_words(error)


def put_gdcm_last() -> None:
    """Let every other decoder try before python-gdcm, which can bring the process down on a damaged file."""
    for decoder, _ in decoders._PIXEL_DATA_DECODERS.values():
        plugin = decoder._available.pop("gdcm", None)
        if plugin is not None:
            decoder._available["gdcm"] = plugin
