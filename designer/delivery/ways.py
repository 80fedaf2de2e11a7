"""The files that a trained run can leave as: the cards of the page are made of this list."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication


@dataclass(frozen=True, slots=True)
class Way:
    """`key` is what `netloom export --to` calls it; without an `ending` a folder is written."""

    key: str
    title: str
    says: str
    button: str
    tip: str
    ending: str
    kinds: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of an export: the option of the command, its values with their words, and what it means."""

    option: str
    name: str
    says: str
    values: tuple[tuple[str, str], ...]


def ways() -> tuple[Way, ...]:
    """All of them, the commonest first."""
    return (
        Way(
            "onnx", _tr("ONNX file"),
            _tr("Runs in other programs and on other machines without this one. Preparation of pixels, names of the "
                "classes and the chosen threshold are inside. The file is compared with the trained model before you "
                "get it."),
            _tr("Export ONNX …"), _tr("Write an ONNX file of the best epoch, and check it"), ".onnx", "ONNX (*.onnx)",
        ),
        Way(
            "python", _tr("Python package"),
            _tr("A small readable folder: the network, the preparation, a script that predicts, and the weights. It "
                "needs PyTorch, and nothing of this program."),
            _tr("Export Python …"), _tr("Write the network as a folder of Python with its weights, and check it"), "",
        ),
        Way(
            "pt2", _tr("PyTorch program"),
            _tr("PyTorch's own file (.pt2), for programs that already use PyTorch. It is compared with the trained "
                "model before you get it."),
            _tr("Export PyTorch …"), _tr("Write a .pt2 file of the best epoch, and check it"), ".pt2",
            "PyTorch (*.pt2)",
        ),
    )  # fmt: skip


def choices_of(key: str) -> tuple[Choice, ...]:
    """What can be chosen for a way."""
    if key != "onnx":
        return ()
    numbers = [str(number) for number in range(25, 17, -1)]
    return (
        Choice(
            "--opset", _tr("Operator set"),
            _tr("The ONNX operator set (opset): the version of its language. Choose an older one for a program that "
                "does not read the newest."),
            (("", _tr("newest opset")), *((number, _tr("opset %s") % number) for number in numbers)),
        ),
        Choice(
            "--precision", _tr("Precision"),
            _tr("Smaller numbers make a smaller and often faster file, and cost some accuracy, which is measured and "
                "told."),
            (("single", _tr("full precision")), ("half", _tr("half precision")),
             ("int8", _tr("8-bit layers"))),
        ),
    )  # fmt: skip


def forms() -> Choice:
    """What is written beside the table of answers."""
    return Choice(
        "--out-format", _tr("Written beside the table"),
        _tr("Masks as PNG (of volumes NIfTI), or for a PACS: DICOM segmentations with a structured report of all "
            "answers. The images must be DICOM for that."),
        (("auto", _tr("table, with masks as PNG or NIfTI")), ("dicom", _tr("table and DICOM (SEG, report)")),
         ("csv", _tr("table alone"))),
    )  # fmt: skip


def _tr(text: str) -> str:
    return QCoreApplication.translate("delivery", text)
