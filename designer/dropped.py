"""What is dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QDropEvent


def dropped(event: QDropEvent) -> Path | None:
    """The one file or folder on this machine that is dropped."""
    files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(files[0]) if files else None


def leaves_others(event: QDropEvent, taken: Path) -> bool:
    """Whether more was dropped than what is taken: files of one folder come along with it."""
    urls = event.mimeData().urls()
    folders = {str(Path(url.toLocalFile()).parent) for url in urls}
    return len(urls) > 1 and (taken.is_dir() or taken.suffix == ".netloom" or len(folders) > 1)
