"""What the Train workspace says while it has no curves to show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from designer.training.history import History
from runtime.problems import Problem
from runtime.runs import Run


def what_comes(
    history: History, shown: Run | None, blockers: Sequence[Problem], *, running: bool, drawn: bool
) -> tuple[str, str]:
    """A title and a sentence. `running`: the run that is shown is being trained; `drawn`: there is a network."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("TrainingWorkspace", text)

    if running:
        title = history.state or tr("Starting the training process …")
        return title, tr("The curves begin with the end of the first epoch.")
    if shown is not None:
        says = tr("How it ended stands above; “Open log” at the right has all that it wrote down.")
        return tr("This run has no finished epoch"), says
    if not drawn:
        says = tr("Choose a folder of images in Data, or draw a network in Design. Then press Train (F5).")
        return tr("Nothing to train yet"), says
    if blockers:
        says = tr("The list at the right says what is missing; a click on a line goes there.")
        return tr("Not ready to train"), says
    return tr("Ready to train"), tr("Press Train at the top (F5). Every epoch is drawn here, and the best one is kept.")
