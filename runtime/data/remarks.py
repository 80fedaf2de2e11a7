"""What a DICOM header says that a reader of the images should know; the file is used all the same."""

from __future__ import annotations

from pydicom.dataset import Dataset

from runtime.data.faults import FileFault
from runtime.data.header import class_name, items, numbers, text, written

PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")  # how programs of the systems begin
_OVERLAY_ROWS = 0x60000010


def remarks(dataset: Dataset, bare: bool, program: bool) -> list[str]:
    """The notes of one file. `bare`: it has no preamble; `program`: its preamble begins like a program."""
    told = {
        "has no DICOM preamble; read all the same": bare,
        "begins like a program (in the preamble of the file); it is read as an image and never started": program,
        "is a localizer (scout) image": "LOCALIZER" in (written(dataset, "ImageType") or ""),
        "writes its rescale with a decimal comma; read as a decimal point": "," in _rescale(dataset),
        "says that patient data are burned into its pixels": text(dataset, "BurnedInAnnotation") == "YES",
        "is a multi-frame object that does not say how many frames it has; one is used": _uncounted(dataset),
        "is stored with bright as low numbers (MONOCHROME1); inverted, so that bright is high": (
            text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        ),
        "is a CT image without a rescale; its stored numbers are taken for Hounsfield units": _unscaled_ct(dataset),
        "says a window narrower than 1, which is ignored": _narrow(dataset),
        "has a drawing over the image (overlay), which is not put into the pixels": _OVERLAY_ROWS in dataset,
        "marks pixels outside the field of view with a padding value, which stays as it is": (
            "PixelPaddingValue" in dataset
        ),
        "is a level of a microscope slide, whose tiles count as one image each": "Whole Slide" in class_name(dataset),
    }
    return [sentence for sentence, holds in told.items() if holds]


def _rescale(dataset: Dataset) -> str:
    return (written(dataset, "RescaleSlope") or "") + (written(dataset, "RescaleIntercept") or "")


def _uncounted(dataset: Dataset) -> bool:
    return len(items(dataset, "PerFrameFunctionalGroupsSequence")) > 1 and not written(dataset, "NumberOfFrames")


def _unscaled_ct(dataset: Dataset) -> bool:
    scaled = "RescaleSlope" in dataset or "ModalityLUTSequence" in dataset or "Enhanced" in class_name(dataset)
    return text(dataset, "Modality") == "CT" and "CT Image" in class_name(dataset) and not scaled


def _narrow(dataset: Dataset) -> bool:
    try:
        widths = numbers(dataset, "WindowWidth")
    except FileFault:
        return False
    return bool(widths) and min(widths) < 1
