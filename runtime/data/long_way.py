"""Decoding by the libraries that know all kinds of files: pydicom with its decoders, Pillow, nibabel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from runtime.data import dicom, images, volumes
from runtime.data.masks import read_mask
from runtime.data.signal_files import read_signal

dicom.put_gdcm_last()


def decode_by_libraries(path: Path, kind: str, mask: bool) -> NDArray[Any]:
    """Images: float32 (frames, channels, *size); masks: int32 (*size), or (frames, *size). Raises FileFault."""
    match kind, mask:
        case ("dicom" | "image" | "volume") as known, True:
            return read_mask(path, known)
        case "dicom", _:
            return dicom.read_frames(path)
        case "image", _:
            return images.read_pages(path)
        case "volume", _:
            return volumes.read_volume(path)[None]
        case "signal", _:
            return read_signal(path)
    raise ValueError(f"no such kind of file: {kind}")
