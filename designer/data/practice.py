"""The practice data that can be written: what they are called, and what one learns with them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

PRACTICE = {
    "t1-t2": "T1 or T2 (classes)", "lesion": "Lesions (masks)", "size": "Lesion size (a number)",
    "place": "Lesion place (numbers)", "findings": "Findings (yes or no)", "grades": "Grades (0 to 3)",
    "candidates": "Candidates (points)", "ecg": "ECG (signals)",
}  # fmt: skip
_SAYS = {
    "t1-t2": "Brain slices in two kinds of MR contrast. The network learns to say which of the two an image is.",
    "lesion": "Brain slices with drawn lesions (masks). The network learns to outline the lesion.",
    "ecg": "ECGs of ten seconds with twelve leads, in three rhythms. The network learns to tell the rhythm.",
    "size": "Brain slices with the size of their lesion in a table. The network learns to estimate that number.",
    "place": "Brain slices with the place and size of their lesion in a table. The network learns to tell all three.",
    "findings": "Brain slices with a lesion, a cyst or signs of movement, or several. The network learns to say which.",
    "grades": "Brain slices with none to many lesions, in grades from 0 to 3. The network learns to grade them.",
    "candidates": "Brain slices with a table of bright spots, few of them lesions. The network learns to tell which.",
}
_HOW = "Synthetic data of made-up patients are written to your documents, and looked at. It takes some seconds."


def practice_tip(name: str) -> str:
    """What a button for these practice data says on hover."""
    tr = QCoreApplication.translate
    return f"{tr('Practice', _SAYS[name])}\n{tr('Practice', _HOW)}"
