"""How fast is augmentation? `python -P -m tests.benchmarks.bench_augment [FOLDER WITH MONAI]`.

Prints JSON: flip, rotate, zoom, shift and elastic of 64 images of 256 × 256 with their masks, in this program as one
resampling, and as the same five MONAI dictionary transforms in sequence. MONAI is no part of this program: it is
imported in a child process, from the folder given (`pip install --no-deps --target FOLDER monai`) or from where Python
finds it. Both take turns in one run: by the processor's time with one thread each, which other programs on the machine
disturb less, and by the clock with as many threads as there are cores. Medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from runtime.modules.augment import Augment

SAMPLES, SIDE, ROUNDS, FEW, WARM = 64, 256, 9, 3, 2
HERE = Path(__file__).resolve().parents[2]

MONAI = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import torch
try:
    import monai
    from monai.transforms import Compose, Rand2DElasticd, RandAffined, RandFlipd, RandRotated, RandZoomd
except ImportError as error:
    print(json.dumps({"missing": str(error)}), flush=True)
    sys.exit()
samples, side = map(int, sys.argv[1:])
keys, modes = ["image", "mask"], ["bilinear", "nearest"]
def make(name):
    found = {
        "flip": lambda: RandFlipd(keys, prob=1.0, spatial_axis=1),
        "rotate": lambda: RandRotated(keys, range_x=0.35, prob=1.0, mode=modes, padding_mode="zeros"),
        "zoom": lambda: RandZoomd(keys, prob=1.0, min_zoom=0.9, max_zoom=1.1, mode=modes, padding_mode="constant"),
        "shift": lambda: RandAffined(keys, prob=1.0, translate_range=25.6, mode=modes, padding_mode="zeros"),
        "elastic": lambda: Rand2DElasticd(
            keys, spacing=(64, 64), magnitude_range=(1, 2), prob=1.0, mode=modes, padding_mode="zeros"
        ),
    }
    return found[name]()
images = torch.rand(samples, 1, side, side)
data = [{"image": image, "mask": (image > 0.5).long()} for image in images]
versions = {"monai": monai.__version__, "torch": torch.__version__}
print(json.dumps(versions), flush=True)
for line in sys.stdin:
    threads, *names = line.split()
    torch.set_num_threads(int(threads))
    chain = Compose([make(name) for name in names]).set_random_state(0)
    clock = time.process_time if threads == "1" else time.perf_counter
    began = clock()
    made = [chain(sample) for sample in data]
    torch.stack([sample["image"] for sample in made])
    torch.stack([sample["mask"] for sample in made])
    print(json.dumps(clock() - began), flush=True)
"""

OPERATIONS: dict[str, dict[str, float | bool]] = {
    "flip": {"flip_horizontal": True},
    "rotate": {"rotate": 20.0},
    "zoom": {"zoom": 10.0},
    "shift": {"shift": 10.0},
    "elastic": {"elastic": 5.0},
}


class Monai:
    """MONAI in a process of its own."""

    def __init__(self, folder: str) -> None:
        environment = {**os.environ, "PYTHONPATH": folder}
        command = [sys.executable, "-c", MONAI, str(SAMPLES), str(SIDE)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment, cwd=HERE,
        )  # fmt: skip
        self.says: dict[str, object] = json.loads(self._line())

    def seconds(self, names: str, threads: int) -> float:
        """How long these transforms take, in sequence, for all samples; see `timed`."""
        if self._child.stdin is None:
            raise RuntimeError("the process of MONAI has no input")
        self._child.stdin.write(f"{threads} {names}\n")
        self._child.stdin.flush()
        return float(json.loads(self._line()))

    def close(self) -> None:
        """End the process."""
        self._child.communicate()

    def _line(self) -> str:
        line = self._child.stdout.readline() if self._child.stdout is not None else ""
        return line or json.dumps({"missing": "the process of MONAI ended without a word"})


def timed(work: Callable[[], object], threads: int) -> float:
    """Seconds of one call: the processor's with one thread, by the clock with several."""
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    began = clock()
    work()
    return clock() - began


def ours(names: str) -> Callable[[], object]:
    """These operations as one augmentation of a batch."""
    images = torch.rand(SAMPLES, 1, SIDE, SIDE)
    masks = {"source": (images[:, 0] > 0.5).long()}
    settings = {name: value for which in names.split() for name, value in OPERATIONS[which].items()}
    augment = Augment(**settings, probability=1.0)  # type: ignore[arg-type]
    return lambda: augment.together(images, masks)


def compared(monai: Monai | None, names: str, threads: int, rounds: int) -> dict[str, float]:
    """Medians in milliseconds, and how many times as fast; both take turns."""
    work = ours(names)
    mine, other = [], []
    for turn in range(WARM + rounds):
        ahead = timed(work, threads)
        behind = monai.seconds(names, threads) if monai is not None else 0.0
        if turn >= WARM:
            mine.append(ahead)
            other.append(behind)
    found = {"ms": round(statistics.median(mine) * 1000, 1)}
    if monai is not None:
        ratios = sorted(behind / ahead for ahead, behind in zip(mine, other, strict=True))
        found["monai ms"] = round(statistics.median(other) * 1000, 1)
        found["times as fast"] = round(statistics.median(ratios), 1)
        found["least"], found["most"] = round(ratios[0], 1), round(ratios[-1], 1)
    return found


def main(folder: str = "") -> None:
    """Measure and print."""
    cores = os.cpu_count() or 1
    result: dict[str, object] = {
        "batch": f"{SAMPLES} images of {SIDE} × {SIDE}, with masks", "rounds": ROUNDS, "torch": torch.__version__,
    }  # fmt: skip
    child = Monai(folder)
    monai = None if "missing" in child.says else child
    if monai is None:
        result["skipped"] = f"MONAI was not compared: {child.says['missing']}."
    result["against"] = child.says
    together = " ".join(OPERATIONS)
    result["all five, processor time, 1 thread"] = compared(monai, together, 1, ROUNDS)
    result[f"all five, clock, {cores} threads"] = compared(monai, together, cores, ROUNDS)
    for name in OPERATIONS:
        result[f"{name}, processor time, 1 thread"] = compared(monai, name, 1, FEW)
    child.close()
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:2])
