"""The Data page before any folder is read: what to do first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from designer.data.practice import PRACTICE, practice_tip
from designer.parts import Empty, button


def empty_page(
    choose_folder: Callable[[], None], practise: Callable[[str], None], from_pacs: Callable[[], None]
) -> Empty:
    """Drop a folder, choose one, or begin with practice data."""
    choose = button(_tr("Choose folder …"), _tr("Choose a folder of images on this computer"), primary=True)
    choose.clicked.connect(lambda: choose_folder())
    pacs = button(_tr("Import from PACS …"), _tr("Look for studies in a PACS and fetch them; off until you use it"))
    pacs.clicked.connect(lambda: from_pacs())
    practice = [button(title, practice_tip(name)) for name, title in PRACTICE.items()]
    for made, name in zip(practice, PRACTICE, strict=True):
        made.clicked.connect(lambda _checked=False, which=name: practise(which))
    says = _tr(
        "DICOM, PNG, JPEG, TIFF, NIfTI and signals (CSV, WFDB) are found by their content. Or begin with practice "
        "data: synthetic MR images and ECGs of made-up patients."
    )
    return Empty(_tr("Drop a folder of images here"), says, [choose, pacs], practice)


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataWorkspace", text)
