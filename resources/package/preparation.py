"""Reads images as the network takes them: float32 (channels, rows, columns) or (channels, slices, rows, columns).

Values are real units: stored values after rescale slope and intercept (Hounsfield units for CT), MONOCHROME1 inverted.
Size, window and normalisation are the network's own work; see model.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FACTOR = 1.5  # by which pixels may be finer or coarser than those of training
GREY = np.array((0.299, 0.587, 0.114), np.float32)  # luminance of R, G, B (ITU-R BT.601)


def read(path: Path, axes: int, channels: int, as_found: bool) -> list[np.ndarray]:
    """The images in a file, one for each frame, with `axes` axes of space and so many channels.

    DICOM and pictures (PNG, JPEG, TIFF ...) hold 2-D images, NIfTI files volumes, and .npy files arrays that are in
    this form already. Raises ValueError with the reason where a file does not fit.
    """
    if path.suffix == ".npy":
        images = [np.load(path, allow_pickle=False).astype(np.float32)]
    elif not as_found:
        raise ValueError(f"{path.name}: this network takes put-together images (see README.md); save each as .npy")
    elif path.name.endswith((".nii", ".nii.gz")):
        images = [_volume(path)]
    else:
        images = _dicom(path) if _is_dicom(path) else _pages(path)
    return [_fitting(image, path, axes, channels) for image in images]


def unlike(path: Path, entry: Any) -> str:
    """Why the network was not made for a DICOM file, by its header; "" where nothing speaks against it.

    `entry` is the input in contract.json: `seen` says what the images were like that trained the network.
    """
    if not _is_dicom(path):
        return ""
    import pydicom

    header, seen = pydicom.dcmread(path, stop_before_pixels=True), entry.seen or {}
    known = {"Modality": seen.get("modalities") or list(filter(None, [entry.modality])),
             "BodyPartExamined": seen.get("body_parts", [])}  # fmt: skip
    for keyword, made_for in known.items():
        said = str(header.get(keyword) or "").upper()
        if said and made_for and said not in made_for:
            return f"{path.name}: its {keyword} is {said}, and the network was made for {' or '.join(made_for)}"
    sides, ends = [float(side) for side in header.get("PixelSpacing") or ()], seen.get("spacing_mm")
    if sides and ends and not entry.spacing_mm and not ends[0] / FACTOR <= min(sides) <= max(sides) <= ends[1] * FACTOR:
        made_for = " to ".join(dict.fromkeys(f"{end:g}" for end in ends))
        return f"{path.name}: its pixels are {max(sides):g} mm, and the network was made for {made_for} mm"
    return ""


def _fitting(image: np.ndarray, path: Path, axes: int, channels: int) -> np.ndarray:
    if image.ndim != axes + 1:
        raise ValueError(f"{path.name} has {image.ndim - 1} axes of space, and the network takes {axes}")
    if not np.isfinite(image).all():
        raise ValueError(f"{path.name} holds pixels that are not a number")
    if (len(image), channels) == (1, 3):
        return np.repeat(image, 3, axis=0)
    if (len(image), channels) == (3, 1):
        return np.tensordot(GREY, image, axes=1)[None].astype(np.float32)
    if len(image) != channels:
        raise ValueError(f"{path.name} has {len(image)} channels, and the network takes {channels}")
    return image


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _dicom(path: Path) -> list[np.ndarray]:
    import pydicom
    from pydicom.pixels import apply_color_lut, apply_modality_lut

    dataset = pydicom.dcmread(path)
    kind, count = str(dataset.PhotometricInterpretation), int(dataset.get("NumberOfFrames") or 1)
    pixels = dataset.pixel_array
    frames = pixels if count > 1 else pixels[None]
    if kind == "PALETTE COLOR":
        frames = np.stack([apply_color_lut(frame, dataset) for frame in frames])
    if frames.ndim == 4:
        return [np.moveaxis(frame, 2, 0).astype(np.float32) for frame in frames]
    if "ModalityLUTSequence" in dataset:
        images = [np.asarray(apply_modality_lut(frame, dataset), np.float64) for frame in frames]
        top = 2 ** int(dataset.ModalityLUTSequence[0].LUTDescriptor[2]) - 1
        return [(top - image if kind == "MONOCHROME1" else image).astype(np.float32)[None] for image in images]
    images = []
    for number, frame in enumerate(frames):
        values = frame.astype(np.float64)
        if kind == "MONOCHROME1":
            low = -(2 ** (dataset.BitsStored - 1)) if dataset.PixelRepresentation else 0
            values = 2 * low + 2**dataset.BitsStored - 1 - values
        slope, intercept = _scale(dataset, number)
        images.append((values * slope + intercept).astype(np.float32)[None])
    return images


def _scale(dataset: Mapping[str, Any], number: int) -> tuple[float, float]:
    """Slope and intercept of a frame: its own, those of all frames, the file's, or none."""
    own = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    for group in (*own[number : number + 1], *shared):
        for scale in group.get("PixelValueTransformationSequence") or []:
            return float(scale.RescaleSlope), float(scale.RescaleIntercept)
    return float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))


def _pages(path: Path) -> list[np.ndarray]:
    from PIL import Image, ImageOps, ImageSequence

    with Image.open(path) as image:
        return [_page(ImageOps.exif_transpose(page)) for page in ImageSequence.Iterator(image)]


def _page(page: Any) -> np.ndarray:
    if page.mode in ("LA", "La"):
        page = page.getchannel(0)
    if page.mode in ("1", "L", "F") or page.mode.startswith("I"):
        return np.asarray(page).astype(np.float32)[None]
    return np.moveaxis(np.asarray(page.convert("RGB")), 2, 0).astype(np.float32)


def _volume(path: Path) -> np.ndarray:
    """Slices from feet to head, rows from front to back, columns from the patient's right to left."""
    import nibabel

    image = nibabel.as_closest_canonical(nibabel.load(path))
    values = np.asarray(image.dataobj, np.float32)
    values = values.reshape((*values.shape, 1)[:4])
    return np.ascontiguousarray(values[::-1, ::-1].transpose(3, 2, 1, 0))
