"""A page as a browser without a window shows it: Chromium where there is one, else Qt WebEngine in its own process."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SECONDS = 120


def shown(page: Path) -> str:
    """The document as the browser holds it after it was loaded."""
    chromium = _chromium(page)
    if chromium:
        return _said([*chromium, "--dump-dom", page.as_uri()])
    return _said([*_engine(), str(page)])


def printed(page: Path, pdf: Path) -> None:
    """The page printed to a file."""
    chromium = _chromium(page)
    _said([*chromium, f"--print-to-pdf={pdf}", page.as_uri()] if chromium else [*_engine(), str(page), str(pdf)])


def _chromium(page: Path) -> list[str]:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    profile = f"--user-data-dir={page.parent / 'profile'}"
    return [browser, "--headless", "--no-sandbox", "--disable-gpu", profile] if browser else []


def _engine() -> list[str]:
    try:
        there = importlib.util.find_spec("PySide6.QtWebEngineCore") is not None
    except ImportError:  # the tests that run without Qt
        there = False
    if not there:
        pytest.skip("neither Chromium nor Qt WebEngine (PySide6-Addons) is installed on this machine")
    return [sys.executable, "-m", "tests.builders.qt_browser"]


def _said(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout
