"""What a DICOM header says that a reader of the images should know; the file is used all the same."""

from __future__ import annotations

from runtime.data.faults import FileFault
from runtime.data.header import Header, class_name, holds, items, numbers, text, written
from runtime.data.header_plain import OVERLAY_ROWS

PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")  # how programs of the systems begin


def remarks(dataset: Header, bare: bool, program: bool) -> list[str]:
    """The notes of one file. `bare`: it has no preamble; `program`: its preamble begins like a program."""
    told = {
        "has no DICOM preamble; read all the same": bare,
        "does not say how it is encoded (transfer syntax); what its content shows is taken": (
            not bare and getattr(dataset, "syntax_guessed", False)
        ),
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
        "has a drawing over the image (overlay), which is not put into the pixels": OVERLAY_ROWS in dataset,
        "marks pixels outside the field of view with a padding value, which stays as it is": (
            holds(dataset, "PixelPaddingValue")
        ),
        "is a level of a microscope slide, whose tiles count as one image each": "Whole Slide" in class_name(dataset),
    }
    return [sentence for sentence, holds in told.items() if holds]


def _rescale(dataset: Header) -> str:
    return (written(dataset, "RescaleSlope") or "") + (written(dataset, "RescaleIntercept") or "")


def _uncounted(dataset: Header) -> bool:
    return len(items(dataset, "PerFrameFunctionalGroupsSequence")) > 1 and not written(dataset, "NumberOfFrames")


def _unscaled_ct(dataset: Header) -> bool:
    if text(dataset, "Modality") != "CT" or "CT Image" not in class_name(dataset):
        return False
    scaled = holds(dataset, "RescaleSlope") or holds(dataset, "ModalityLUTSequence")
    return not scaled and "Enhanced" not in class_name(dataset)


def _narrow(dataset: Header) -> bool:
    try:
        widths = numbers(dataset, "WindowWidth")
    except FileFault:
        return False
    return bool(widths) and min(widths) < 1
