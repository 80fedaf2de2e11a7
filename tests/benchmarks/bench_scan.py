"""How fast is a folder scanned? `python -P -m tests.benchmarks.bench_scan [--files 4000] [--turns 3]`.

Prints JSON: the first scan of a folder of small images (8 × 8), the second one from the index, and plain
`dcmread(f, stop_before_pixels=True)` on the same files in the same run, by the clock and by the processor's time (with
that of children). All files are read once before, so that the disk plays no part; with `--files 100000` a folder as
large as an archive's. Each figure is the best of its turns, which alternate.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom import dcmread

from runtime.data.practice_dicom import SeriesOf, write_slice
from runtime.data.scan import scan

SIDE = 8
SLICES = 50  # in a series, a patient each
TARGET = 0.8


def write_files(folder: Path, count: int) -> list[str]:
    """Copies of one slice with identifiers and places of their own, all of one length."""
    series = SeriesOf("benchmark", 0, "P000000", "CT", 1, 500.0, 10.0)
    made = folder / "made"
    write_slice(made, np.zeros((SIDE, SIDE), np.uint16), series, 1, (0.0, 0.0, 100.0), (1.0, 0.5))
    whole, read = made.read_bytes(), dcmread(made)
    made.unlink()
    paths = []
    for number in range(count):
        patient, place = divmod(number, SLICES)
        own = {
            read.SOPInstanceUID: f"{number:08}",
            read.SeriesInstanceUID: f"{patient:08}",
            read.StudyInstanceUID: f"{patient:08}",
        }
        content = whole.replace(b"P000000", f"P{patient:06}".encode()).replace(
            b"0.0\\0.0\\100.0", b"0.0\\0.0\\%5.1f" % place
        )
        for uid, ending in own.items():
            content = content.replace(uid.encode(), (uid[: -len(ending) - 1] + "1" + ending).encode())
        path = folder / f"{patient:06}" / f"{place:03}.dcm"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        paths.append(str(path))
    return paths


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor, children included."""
    began, before = time.perf_counter(), processor()
    work()
    return time.perf_counter() - began, processor() - before


def processor() -> float:
    """Seconds of the processor that this process and its ended children have used."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def best(turns: list[tuple[float, float]]) -> tuple[float, float]:
    """The least of both times."""
    return min(clock for clock, _ in turns), min(processor for _, processor in turns)


def measured(folder: Path, paths: list[str], turns: int) -> dict[str, object]:
    """All figures."""
    cores, count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(paths)
    plain, first, second = [], [], []
    for _ in range(turns):
        plain.append(spent(lambda: [dcmread(path, stop_before_pixels=True) and None for path in paths]))
        for file in Path(os.environ["NETLOOM_CACHE"]).iterdir():
            file.unlink()
        first.append(spent(lambda: check(folder, count)))
        second.append(spent(lambda: check(folder, count)))
    times = {"dcmread": best(plain), "first scan": best(first), "second scan": best(second)}
    return {
        "files": count,
        "cores": cores,
        "load": [round(load, 1) for load in os.getloadavg()] if hasattr(os, "getloadavg") else [],
        "seconds (clock, processor)": {name: [round(second, 2) for second in pair] for name, pair in times.items()},
        "first scan / (cores × dcmread)": {
            name: round(times["dcmread"][index] / times["first scan"][index] / cores, 2)
            for index, name in enumerate(("clock", "processor"))
        },
        "target": TARGET,
    }


def check(folder: Path, count: int) -> None:
    """A scan that has to find every file."""
    if len(scan(folder).found) != count:
        raise SystemExit("the scan did not find every file")


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--files", type=int, default=4000)
    words.add_argument("--turns", type=int, default=3)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(place) / "files", Path(place) / "cache"
        folder.mkdir()
        cache.mkdir()
        os.environ["NETLOOM_CACHE"] = str(cache)
        result = measured(folder, write_files(folder, given.files), given.turns)
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
