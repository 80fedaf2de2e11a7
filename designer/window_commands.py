"""The commands of the window and its menus, each declared once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from designer import remember, theme
from designer.actions import Command
from designer.manual import Manual
from designer.process import PROGRAM_FOLDER

if TYPE_CHECKING:
    from designer.window import MainWindow

_SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
_HELP = "README.md"
_OWN = ("undo", "redo")  # commands of the canvas that the window has itself
_OF_VIEW = ("fit", "actual_size", "frame", "zoom_in", "zoom_out", "find", "lay_out")


def declare(window: MainWindow) -> None:
    """Enter all commands."""
    for commands in (_file, _edit, _canvas, _view, _run, _help):
        window.actions_.add(*commands(window))


def fill_menus(window: MainWindow) -> None:
    """The menu bar, in the order in which the commands were declared."""
    menus = {name: window.menuBar().addMenu(_tr(name)) for name in ("File", "Edit", "View", "Run", "Help")}
    for menu in menus.values():
        menu.setToolTipsVisible(True)
    for command in window.actions_:
        if command.menu:
            if command.line_before:
                menus[command.menu].addSeparator()
            menus[command.menu].addAction(window.actions_[command.id])


def use_scheme(name: str) -> None:
    """Dress the program as the system is, or light or dark, and remember that."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        theme.apply(app, _SCHEMES.get(name, Qt.ColorScheme.Unknown))
        remember.settings().setValue("scheme", name)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)


def _file(window: MainWindow) -> tuple[Command, ...]:
    files = window.files
    return (
        Command("new", _tr("New from template …"), "File", window.show_start, "Ctrl+N"),
        Command("new_empty", _tr("New empty drawing"), "File", partial(window.begin_with, "")),
        Command("open", _tr("Open …"), "File", lambda: _done(window.open_project()), "Ctrl+O"),
        Command("open_folder", _tr("Open a folder of images …"), "File", window.choose_folder, "Ctrl+Shift+O"),
        Command("import_pacs", _tr("Import from PACS …"), "File", partial(_import_from_pacs, window)),
        Command("save", _tr("Save"), "File", lambda: _done(files.save()), "Ctrl+S", line_before=True),
        Command("save_as", _tr("Save as …"), "File", lambda: _done(files.save_as()), "Ctrl+Shift+S"),
        Command("quit", _tr("Quit"), "File", lambda: _done(window.close()), "Ctrl+Q", line_before=True),
    )


def _import_from_pacs(window: MainWindow) -> None:
    window.show_workspace("data")
    window.data.pacs.open()


def _edit(window: MainWindow) -> tuple[Command, ...]:
    project = window.project

    def named(verb: str, label: str) -> str:
        return f"{verb}: {label}" if label else verb

    return (
        Command("undo", _tr("Undo"), "Edit", project.undo, "Ctrl+Z",
                why_not=lambda: "" if project.document.undo_label else _tr("There is nothing to take back."),
                current_title=lambda: named(_tr("Undo"), project.document.undo_label)),
        Command("redo", _tr("Redo"), "Edit", project.redo, "Ctrl+Shift+Z | Ctrl+Y",
                why_not=lambda: "" if project.document.redo_label else _tr("There is nothing to do again."),
                current_title=lambda: named(_tr("Redo"), project.document.redo_label)),
    )  # fmt: skip


def _canvas(window: MainWindow) -> tuple[Command, ...]:
    """What the canvas can do. It answers its keys itself, so that they mean nothing while a text is typed."""

    def why_not() -> str:
        return "" if window.current == "design" else _tr("This works in Design.")

    made: list[Command] = []
    for place, command in enumerate(entry for entry in window.design.commands if entry.listed):
        if command.id in _OWN:
            continue
        keys = f"\t{command.keys[0]}" if command.keys else ""
        menu = "View" if command.id in _OF_VIEW else "Edit"
        first = place == 0
        made.append(Command(f"canvas.{command.id}", command.title + keys, menu, command.run, why_not=why_not,
                            line_before=first))  # fmt: skip
    return tuple(made)


def _view(window: MainWindow) -> tuple[Command, ...]:
    places = [
        Command(f"show_{name}", title, "View", partial(window.go, name), f"Alt+{number}",
                line_before=number == 1)
        for number, (name, title) in enumerate(window.titles.items(), start=1)
    ]  # fmt: skip
    titles = {"system": _tr("Look as the system"), "light": _tr("Look light"), "dark": _tr("Look dark")}
    looks = [
        Command(f"look_{name}", title, "View", partial(use_scheme, name), line_before=name == "system")
        for name, title in titles.items()
    ]
    everything = Command("palette", _tr("All commands …"), "View", lambda: window.palette_.open(), "Ctrl+Shift+P",
                         line_before=True)  # fmt: skip
    return (*places, _statistics(window), _previews(window), *looks, everything)


def _statistics(window: MainWindow) -> Command:
    """The table of statistics is opened from anywhere, and closed where it is seen."""

    def seen() -> bool:
        return window.current == "design" and window.design.shows_statistics

    def toggle() -> None:
        shown = not seen()
        if window.current != "design":
            window.go("design")
        window.design.show_statistics(shown)

    def title() -> str:
        return _tr("Hide the statistics of the network") if seen() else _tr("Statistics of the network")

    return Command("statistics", _tr("Statistics of the network"), "View", toggle, "F8", line_before=True,
                   current_title=title)  # fmt: skip


def _previews(window: MainWindow) -> Command:
    """Previews are shown from anywhere, and hidden where they are seen."""

    def seen() -> bool:
        return window.current == "design" and window.design.previews.previews.on

    def toggle() -> None:
        shown = not seen()
        if window.current != "design":
            window.go("design")
        window.design.previews.turn_on(shown)

    def title() -> str:
        return _tr("Hide the previews of all nodes") if seen() else _tr("Preview what every node gives")

    return Command("previews", _tr("Preview what every node gives"), "View", toggle, "F6", current_title=title)


def _run(window: MainWindow) -> tuple[Command, ...]:
    training = window.training

    def not_running() -> str:
        return "" if training.running else _tr("Nothing is being trained.")

    def running() -> str:
        return training.why_not_train() if training.running else ""

    return (
        Command("train", _tr("Train"), "Run", window.train, "F5", why_not=running, warns=training.why_not_train),
        Command("stop", _tr("Stop training"), "Run", training.stop, "Shift+F5", why_not=not_running),
        Command("check", _tr("Check"), "Run", window.check, "F7"),
        Command("cross_validation", _tr("Cross-validation …"), "Run", partial(_show_folds, window), line_before=True),
    )


def _show_folds(window: MainWindow) -> None:
    window.go("train")
    window.training.views.show_page("folds")
    window.training.shelf.folds.question.how.setFocus()


def _help(window: MainWindow) -> tuple[Command, ...]:
    readme = PROGRAM_FOLDER / _HELP
    missing = "" if readme.exists() else _tr("The manual was not installed with the program.")
    return (
        Command("manual", _tr("Manual"), "Help", lambda: _show_manual(window, readme),
                "F1", why_not=lambda: missing),
        Command("about", _tr("About Netloom"), "Help", lambda: _about(window)),
    )  # fmt: skip


def _about(window: MainWindow) -> None:
    QMessageBox.about(window, _tr("About Netloom"), _tr(
        "Netloom draws neural networks, trains them on your own medical images and hands on checked ONNX files.\n\n"
        "For research use only: it is not a medical device."))  # fmt: skip


def _show_manual(window: MainWindow, readme: Path) -> None:
    """Open the manual beside the window, or bring it to the front."""
    if window.manual is None:
        try:
            window.manual = Manual(readme, window)
        except (OSError, UnicodeDecodeError):
            window.say(_tr("The manual could not be read: %s") % readme, "error")
            return
    window.manual.show()
    window.manual.raise_()


def _done(_result: object) -> None:
    """What a command gives back is of no use to a menu."""
