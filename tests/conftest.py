"""What all tests share: no window on the screen, the real data if it is there, a run in which Qt does not exist."""

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
QT = frozenset({"PySide6", "shiboken6", "pyqtgraph"})

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class WithoutQt:
    """An import finder that answers for Qt as if it were not installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Refuse Qt; leave every other name to the finders that follow."""
        if name.partition(".")[0] in QT:
            raise ImportError(f"{name} is not to be imported in this run: NETLOOM_NO_QT is set", name=name)
        return None


if os.environ.get("NETLOOM_NO_QT"):
    sys.meta_path.insert(0, WithoutQt())


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images beside the repository; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real images (../shared/data beside the repository) are not on this machine")
    return folder
