"""What the window remembers between two starts: its place, its layout, the last projects and folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRect, QSettings, QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

_MOST_RECENT = 8
_SMALLEST = (900, 600)


def settings() -> QSettings:
    """The store; the environment variable NETLOOM_SETTINGS names another file for it."""
    other = os.environ.get("NETLOOM_SETTINGS", "")
    return QSettings(other, QSettings.Format.IniFormat) if other else QSettings("Netloom", "Netloom")


def state_folder() -> Path:
    """Where logs go: beside the store if that was redirected, else where the system keeps such things."""
    other = os.environ.get("NETLOOM_SETTINGS", "")
    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    folder = Path(other).parent if other else Path(QStandardPaths.writableLocation(place))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def moment(when: datetime) -> str:
    """A time as it is said: the clock alone for today."""
    return when.strftime("%H:%M" if when.date() == datetime.now().astimezone().date() else "%Y-%m-%d %H:%M")


def practice_folder(name: str) -> Path:
    """Where practice data of this name are written."""
    if os.environ.get("NETLOOM_SETTINGS", ""):
        return state_folder() / "practice" / name
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents) / "Netloom practice" / name


@dataclass(frozen=True, slots=True)
class Opened:
    """A recent project, and when it was opened or saved last; None if an older program wrote the list."""

    path: Path
    when: datetime | None


def opened() -> list[Opened]:
    """The projects opened last, newest first, those whose files are gone included."""
    names, times = _texts("recent"), _texts("recent_times")
    times += [""] * (len(names) - len(times))
    return [Opened(Path(name), _time(text)) for name, text in zip(names, times, strict=False)]


def recent() -> list[Path]:
    """The projects opened last, newest first, as far as they are still there."""
    return [entry.path for entry in opened() if entry.path.is_file()]


def remember_project(path: Path) -> None:
    """Put a project on top of the recent ones."""
    now = Opened(path.absolute(), datetime.now().astimezone())
    _keep([now, *(other for other in opened() if other.path != now.path)])


def forget_project(path: Path) -> None:
    """Take a project off the list; its file stays."""
    _keep([other for other in opened() if other.path != path])


def _keep(entries: list[Opened]) -> None:
    kept, store = entries[:_MOST_RECENT], settings()
    store.setValue("recent", [str(entry.path) for entry in kept])
    store.setValue("recent_times", [entry.when.isoformat() if entry.when else "" for entry in kept])


def _texts(key: str) -> list[str]:
    kept = settings().value(key, [])
    return [kept] if isinstance(kept, str) else [str(text) for text in kept] if isinstance(kept, list) else []


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None


def save_window(window: QMainWindow) -> None:
    """Keep place and splitters; splitters are known by their object names."""
    store = settings()
    if not window.isMaximized():
        store.setValue("window/place", window.geometry())
    store.setValue("window/maximized", window.isMaximized())
    for splitter in window.findChildren(QSplitter):
        if splitter.objectName():
            store.setValue(f"splitters/{splitter.objectName()}", splitter.saveState())


def restore_window(window: QMainWindow) -> None:
    """Bring place and splitters back, onto a screen that is there."""
    store = settings()
    place = store.value("window/place")
    window.setGeometry(on_screen(place if isinstance(place, QRect) else QRect(0, 0, 1440, 900), center=place is None))
    if store.value("window/maximized", False, type=bool):
        window.showMaximized()
    restore_splitters(window)


def restore_splitters(part: QWidget) -> None:
    """Bring the splitters in a part of the window back."""
    store = settings()
    for splitter in part.findChildren(QSplitter):
        state = store.value(f"splitters/{splitter.objectName()}")
        if splitter.objectName() and state is not None:
            splitter.restoreState(state)


def on_screen(place: QRect, center: bool = False) -> QRect:
    """The rectangle moved and shrunk so that all of it can be seen on a screen that is there."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not screens:
        return place

    def shared(screen: QRect) -> int:
        common = screen.intersected(place)
        return common.width() * common.height()

    screen = max(screens, key=shared)
    width = min(max(place.width(), _SMALLEST[0]), screen.width())
    height = min(max(place.height(), _SMALLEST[1]), screen.height())
    left = screen.left() + (screen.width() - width) // 2 if center else place.left()
    top = screen.top() + (screen.height() - height) // 2 if center else place.top()
    left = max(screen.left(), min(left, screen.left() + screen.width() - width))
    top = max(screen.top(), min(top, screen.top() + screen.height() - height))
    return QRect(left, top, width, height)
