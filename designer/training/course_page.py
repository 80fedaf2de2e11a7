"""The course of a run: what the coach says of it, and below its curves or what comes until there are some."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from designer.parts import Empty
from designer.project import Project
from designer.training.charts import Charts
from designer.training.coach_panel import CoachPanel


class CoursePage(QWidget):
    """The coach takes room only while it has something to say."""

    def __init__(self, project: Project, charts: Charts, empty: Empty) -> None:
        super().__init__()
        self.coach = CoachPanel(project)
        self.pages = QStackedWidget()
        self.pages.addWidget(empty)
        self.pages.addWidget(charts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        inset = QVBoxLayout()
        inset.setContentsMargins(16, 4, 16, 8)
        inset.addWidget(self.coach)
        column.addLayout(inset)
        column.addWidget(self.pages, 1)
