"""Predicting in the window: images are dropped or chosen, answers appear as they come; a folder can be watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QInputDialog, QStackedWidget, QVBoxLayout

from designer.busy import BusyLine
from designer.delivery.answers import Answers
from designer.delivery.asked import ways_of
from designer.delivery.card import Card
from designer.delivery.choice_box import ChoiceBox
from designer.delivery.ways import forms
from designer.parts import Empty, button, label, row_of, set_possible
from designer.process import End, OneCommand
from runtime.analysis import analyse
from runtime.delivery.contract import contract_of
from runtime.runs import Run

_FORM = 24  # letters
_EMPTY = 360  # pixels: the words beside the cards in a small window
_STOP = "stop"  # the file in the folder of the answers that asks a watch to end


class PredictionPanel(QFrame):
    """Answers of the chosen run for a folder, a file, or whatever comes into a folder."""

    busy_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAcceptDrops(True)
        self.run: Run | None = None
        self._why_not = ""
        self._out = Path()
        self._before: tuple[int, ...] = ()  # the table that lay there before
        self._watched: Path | None = None
        self.command, self.watcher = OneCommand(self), OneCommand(self)
        self.folder = button(self.tr("Choose folder …"))
        self.file = button(self.tr("Choose file …"))
        self.watch_button = button(self.tr("Watch a folder …"))
        self.watch_button.setCheckable(True)
        self.busy = BusyLine(self.tr("Stop; no table is written"))
        self.form = ChoiceBox(forms(), _FORM)
        self.answers = Answers()
        self.told = Card(self.tr("Predict"), self.tr(
            "Drop a folder or an image file here. Images that the model was not made for (another modality, body part, "
            "pixel spacing or range of values) get no answer, and the reason."
        ), self.folder, [self.form], beside=[self.file, self.watch_button], frame=False)  # fmt: skip
        self.watching = label("", "small")
        self.empty = Empty(self.tr("Drop images here"), self.tr("Their answers appear in a table while they come."))
        for text in (self.empty.title, self.empty.says):
            text.setFixedWidth(_EMPTY)
        self.pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_run(None, "")

    def _lay_out(self) -> None:
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.answers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 16)
        column.setSpacing(8)
        column.addWidget(self.told)
        for widget in (self.watching, self.busy):
            row = row_of(widget, stretch=0)
            row.setContentsMargins(16, 0, 16, 0)
            column.addLayout(row)
        inside = QVBoxLayout()
        inside.setContentsMargins(16, 0, 16, 0)
        inside.addWidget(self.pages)
        column.addLayout(inside, 1)
        self.watching.hide()

    def _connect(self) -> None:
        self.folder.clicked.connect(self._ask_folder)
        self.file.clicked.connect(self._ask_file)
        self.watch_button.clicked.connect(self._on_watch)
        self.busy.cancelled.connect(self.command.stop)
        self.command.record.connect(self._on_record)
        self.command.ended.connect(self._on_end)
        self.watcher.record.connect(self._on_answer)
        self.watcher.ended.connect(self._on_watch_end)

    def show_run(self, run: Run | None, why_not: str) -> None:
        """The run that answers from now on; `why_not` says why none can now."""
        if run is None or self.run is None or run.folder != self.run.folder:
            self.end_watch()
            self.told.clear()
            self.answers.clear()
            self.pages.setCurrentWidget(self.empty)
        self.run, self._why_not = run, why_not
        self._refresh()

    def predict(self, images: Sequence[Path], file: Path | None = None, names: Sequence[str] = ()) -> None:
        """Answer for a file or a folder, or for a folder for each of the inputs `names`; the table goes to `file`, or
        beside the first under a free name."""
        if self.run is None:
            return
        self._out = file or free_place(images[0], "-predictions.csv")
        self._before = _state(self._out)
        given = zip(names, images, strict=True) if any(names) else ()
        places = [word for name, place in given for word in ("--data", f"{name}={place}")] or [*map(str, images)]
        words = ("predict", str(self.run.folder), *places, "--out", str(self._out), "--lines")
        if not self.command.start(*words, *self.form.words()):
            return
        self.told.clear()
        self.answers.clear()
        self.pages.setCurrentWidget(self.answers)
        self.busy.begin(self.tr("Predicting …"))
        self._refresh()
        self.busy_changed.emit()

    def watch(self, folder: Path, out: Path | None = None) -> None:
        """Answer for whatever comes into a folder until it is ended; answers go into `out`, or beside the folder."""
        if self.run is None:
            return
        self._watched = out or folder.with_name(f"{folder.name}-answers")
        words = ("predict", str(self.run.folder), "--watch", str(folder), "--out", str(self._watched), "--lines")
        if not self.watcher.start(*words, lifeline=True):
            return
        self.answers.clear()
        self.pages.setCurrentWidget(self.answers)
        text = self.tr("Watching %s: files that come there are answered. The answers are in %s.")
        self.watching.setText(text % (folder, self._watched))
        self.watching.show()
        self._refresh()

    def end_watch(self) -> None:
        """Ask the watch to end after the file it is at."""
        if self.watcher.running and self._watched is not None:
            self.watching.setText(self.tr("The watch is ending …"))
            try:
                (self._watched / _STOP).touch()
            except OSError:
                self.watcher.stop()  # the folder of the answers is gone: nobody could hear it

    def close_down(self) -> None:
        """The window is closing. What a watch has answered is on the disk, and it goes on there another time."""
        self.command.abandon()
        self.watcher.abandon()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One folder or file of this computer may be dropped."""
        if self.folder.isEnabled() and len(_paths(event)) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Answer for what was dropped."""
        paths = _paths(event)
        if self.folder.isEnabled() and len(paths) == 1:
            event.acceptProposedAction()
            self.predict(paths)

    def _ask_folder(self) -> None:
        folders: list[Path] = []
        asked = self._asked()
        for name in asked:
            what = self.tr("The images to answer for") + (f": “{name}”" if name else "")
            folder = QFileDialog.getExistingDirectory(self, what, str(folders[-1] if folders else Path.home()))
            if not folder:
                return
            folders.append(Path(folder))
        if not folders:
            return
        start = str(free_place(folders[0], "-predictions.csv"))
        name, _ = QFileDialog.getSaveFileName(self, self.tr("The table to write"), start, self.tr("Table (*.csv)"))
        if name:
            self.predict(folders, Path(name), asked)

    def _asked(self) -> list[str]:
        """The inputs that images are asked for, by name where there are several; none when nobody chose."""
        if self.run is None:
            return []
        ways = ways_of(contract_of(analyse(self.run.job.graph)))
        if len(ways) == 1:
            return next(iter(ways.values()))
        says = self.tr("This model takes several kinds of images. What do you want of it?")
        chosen, taken = QInputDialog.getItem(self, self.tr("Predict"), says, list(ways), 0, False)
        return ways[chosen] if taken else []

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("The image to answer for"), str(Path.home()))
        if name:
            self.predict([Path(name)])

    def _on_watch(self) -> None:
        if self.watcher.running:
            self.end_watch()
        else:
            folder = QFileDialog.getExistingDirectory(self, self.tr("The folder to watch"), str(Path.home()))
            if folder:
                self.watch(Path(folder))
        self._refresh()

    def _on_record(self, record: Mapping[str, Any]) -> None:
        if "total" in record:
            self.busy.tell(self.tr("Predicting"), int(record["done"]), int(record["total"]))
        else:
            self._on_answer(record)

    def _on_answer(self, record: Mapping[str, Any]) -> None:
        self.answers.add(record)

    def _on_end(self, end: End) -> None:
        self.busy.hide()
        self.answers.show_now()
        if end.ok:
            self.told.tell("\n".join([*end.notes, str(self._out)]), file=self._out)
        elif end.stopped:
            self.told.tell(self.tr("Stopped: the table below shows what was answered, and no file was written."))
        else:
            if not self.answers.answered + self.answers.refused:
                self.pages.setCurrentWidget(self.empty)
            self.told.tell(end.message, "wrong", self._out if _state(self._out) not in ((), self._before) else None)
        self._refresh()
        self.busy_changed.emit()

    def _on_watch_end(self, end: End) -> None:
        self.answers.show_now()
        self.watching.hide()
        if end.ok and self._watched is not None:
            self.told.tell(self.tr("The watch has ended. %s.") % self.answers.count.text(),
                           file=self._watched / "predictions.csv")  # fmt: skip
        elif not end.ok and not end.stopped:
            self.told.tell(end.message, "wrong")
        self._refresh()

    def _refresh(self) -> None:
        watching, working = self.watcher.running, self.command.running
        wait = self.tr("Wait for the answers that are being made now, or cancel them.") if working else ""
        wait = self.tr("A folder is being watched; stop that first.") if watching else wait
        why = self._why_not or wait
        set_possible(self.folder, why, self.tr("Choose the images, and where the table is written"))
        set_possible(self.file, why, self.tr("Choose one image"))
        tip = self.tr("Answer for files as they come into a folder, until you stop it")
        set_possible(self.watch_button, "" if watching else why, self.tr("Stop watching") if watching else tip)
        self.watch_button.setText(self.tr("Stop watching") if watching else self.tr("Watch a folder …"))
        self.watch_button.setChecked(watching)


def free_place(images: Path, ending: str) -> Path:
    """A name beside the images that no file has yet."""
    stem = images.name if images.is_dir() else images.stem
    place, number = images.with_name(f"{stem}{ending}"), 1
    while place.exists():
        number += 1
        place = images.with_name(f"{stem}{ending.replace('.', f'-{number}.')}")
    return place


def _state(file: Path) -> tuple[int, ...]:
    """Tells one content of a file from another; () while there is none."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _paths(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
