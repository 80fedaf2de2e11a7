"""How the project is trained: the fields of the inspector, here as well; every change can be undone."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.inspector.training_form import TrainingForm, watched_choices
from designer.project import Project
from runtime.analysis import Analysis
from runtime.changes import Change, TrainingChanged


class SettingsPanel(QWidget):
    """Epochs, batch size and what else belongs to no single node."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.form = TrainingForm(project)
        self._column.addWidget(self.form.rows)
        project.changed.connect(self._on_change)
        project.analysed.connect(self._on_analysed)
        project.replaced.connect(self._rebuild)

    def wrong(self) -> str:
        """What is wrong with the first field that is not understood; "" when all are."""
        for name, sentence in self.form.rows.complaints.items():
            return f"{self.form.rows.fields[name].setting.label}: {sentence}"
        return ""

    def go_to_wrong(self) -> str:
        """As `wrong`, and the field gets the keyboard."""
        for name in list(self.form.rows.complaints)[:1]:
            self.form.rows.fields[name].setFocus()
        return self.wrong()

    def _rebuild(self) -> None:
        self._column.removeWidget(self.form.rows)
        self.form.rows.hide()
        self.form.rows.deleteLater()
        self.form.deleteLater()
        self.form = TrainingForm(self.project)
        self._column.addWidget(self.form.rows)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, TrainingChanged):
            self.form.show_training(self.project.document.training)

    def _on_analysed(self, analysis: Analysis) -> None:
        """Another metric in the graph is another choice for the best epoch."""
        if set(watched_choices(analysis)) - set(self.form.metrics()):
            self._rebuild()
