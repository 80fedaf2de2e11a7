"""With what a run was trained: versions and kind of machine, without names of users, hosts or folders."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

_PACKAGES = ("netloom", "torch", "numpy", "pydicom", "nibabel", "Pillow", "safetensors", "onnx", "onnxruntime")

_MOST_THREADS = 1024


def environment_text() -> str:
    """The content of environment.json."""
    content = {
        "format": 1,
        "python": platform.python_version(),
        "system": sys.platform,
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
        "cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
    }
    return json.dumps(content, indent=1) + "\n"


def compute_as(environment: Mapping[str, Any]) -> None:
    """Divide work on the processor as an earlier training did: sums in another order end in other last digits."""
    threads = environment.get("threads")
    if isinstance(threads, int) and 0 < threads <= _MOST_THREADS:
        torch.set_num_threads(threads)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
