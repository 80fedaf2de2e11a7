"""Answers of an exported file in a Python process that knows nothing of this program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from runtime.compile import Deployed
from runtime.delivery.checks import Batch, compared
from runtime.errors import RunError

_READ_SOURCE = """
import importlib.util
spec = importlib.util.spec_from_file_location("model", file)
module = importlib.util.module_from_spec(spec)
sys.modules["model"] = module
spec.loader.exec_module(module)
answer = module.Network().load(weights).predict
"""
_READ_PROGRAM = """
import torch
answer = torch.export.load(file).module()
"""
_ANSWER = """
from safetensors.torch import load_file, save_file
found, given_by_case = {}, {}
for name, tensor in sorted(load_file(cases).items()):
    given_by_case.setdefault(name.partition("/")[0], []).append(tensor)
for name, tensors in given_by_case.items():
    given = answer(*tensors)
    for place, one in enumerate(given if isinstance(given, (tuple, list)) else (given,)):
        found[f"{name}/{place}"] = one.detach().contiguous()
save_file(found, answers)
"""


def difference_alone(deployed: Deployed, file: Path, batches: Sequence[Batch], weights: Path | None = None) -> float:
    """How far the answers of a `.pt2` file, or of Python source with its weights, are from those of the trained model.

    Files of the comparison are written beside `file`. Raises RunError when the file does not run by itself or its
    answers differ by more than 1e-4·max(1, largest answer).
    """
    given, answers = file.with_name("cases.safetensors"), file.with_name("answers.safetensors")
    save_file(_named(batches), given)
    script = f"import sys\nfile, weights, cases, answers = sys.argv[1:]\n{_READ_SOURCE if weights else _READ_PROGRAM}"
    call = [sys.executable, "-I", "-c", script + _ANSWER, file, weights or "", given, answers]
    ran = subprocess.run(list(map(str, call)), capture_output=True, text=True, cwd=file.parent, check=False)
    if ran.returncode:
        reason = ran.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        raise RunError(f"The exported file does not run by itself: {reason[0]}.")
    found = load_file(answers)
    largest = 0.0
    with torch.inference_mode():
        for place, batch in enumerate(batches):
            for number, wanted in enumerate(deployed(*batch)):
                answer = found[f"{place:03d}/{number}"].numpy()
                largest = max(largest, compared(wanted.numpy(), answer, deployed.framed[number]))
    return largest


def _named(batches: Sequence[Batch]) -> dict[str, Tensor]:
    return {
        f"{place:03d}/{number:03d}": one.clone(memory_format=torch.contiguous_format)
        for place, batch in enumerate(batches)
        for number, one in enumerate(batch)
    }
