"""Where decoded images are kept, and what must outlive them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def default_cache_folder() -> Path:
    """Where decoded images are kept: NETLOOM_CACHE, else the user's cache folder of this system."""
    chosen = os.environ.get("NETLOOM_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Netloom" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "Netloom"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netloom"


def own_folder() -> Path:
    """Where small things are kept that cannot be made anew: NETLOOM_CACHE, else the user's data folder."""
    chosen = os.environ.get("NETLOOM_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Netloom"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Netloom"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "netloom"
