"""With what a run was trained: versions and kind of machine, without names of users, hosts or folders."""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import torch

_PACKAGES = ("netloom", "torch", "numpy", "pydicom", "nibabel", "Pillow", "safetensors", "onnx", "onnxruntime")


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


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
