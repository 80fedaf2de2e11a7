"""How fast are data read? `python -P -m tests.benchmarks.bench_data [--files 600] [--monai PYTHON]`.

Prints JSON: ratios of this program's speed to plain pydicom, NumPy and MONAI on the same files in the same run; all are
read once before, so that the disk plays no part. `--monai` names the Python of an environment of its own that has MONAI
and pydicom (python -m venv; pip install monai pydicom); without it that comparison is left out, and said so. Each
figure is the best of several turns, interleaved between the two sides; against MONAI it is the median.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from pydicom import dcmread

from runtime.data.batches import Labels, Part, Walk
from runtime.data.cache import CachedImages, load_images
from runtime.data.catalogue import DataSet, Sample
from runtime.data.pool import Decoded, Request, decode
from runtime.data.practice_dicom import SeriesOf, write_slice
from runtime.data.scan import scan
from tests.benchmarks.bench_scan import best, spent

SIDE = 512
TURNS = 5
EPOCHS = 10
BATCH = 16
MONAI = """
import json, sys, time
from monai.transforms import LoadImage
load, paths = LoadImage(image_only=True), json.load(sys.stdin)
load(paths[0])
began = time.perf_counter()
for path in paths:
    load(path)
print(json.dumps((time.perf_counter() - began) / len(paths)))
"""


def write_files(folder: Path, count: int) -> list[Path]:
    """Slices of a phantom with noise, 50 for each patient."""
    chance = np.random.default_rng(0)
    down, across = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    body = ((down**2 + across**2) < (0.4 * SIDE) ** 2) * 1000
    for number in range(count):
        pixels = (body + chance.integers(0, 200, (SIDE, SIDE))).astype(np.uint16)
        series = SeriesOf("benchmark", 0, f"P{number // 50:03}", "CT", 1, 500.0, 10.0)
        path = folder / f"{series.patient}" / f"{number:05}.dcm"
        path.parent.mkdir(exist_ok=True)
        write_slice(path, pixels, series, number, (0.0, 0.0, float(number % 50)), (1.0, 0.5))
    return sorted(folder.rglob("*.dcm"))


def seconds(work: Callable[[], object]) -> float:
    """The clock's time for one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best_of(*sides: Callable[[], object], turns: int = TURNS) -> list[float]:
    """The shortest time of each side, over interleaved turns."""
    times = [[seconds(side) for side in sides] for _ in range(turns)]
    return [min(column) for column in zip(*times, strict=True)]


def data_set(folder: Path, files: list[Path]) -> DataSet:
    """The files as a data set without labels."""
    size = (SIDE, SIDE)
    samples = tuple(Sample(path.relative_to(folder).as_posix(), 0, 1, size, path.parent.name) for path in files)
    return DataSet(str(folder), "dicom", samples, "", (), 1, size, "")


def cached(dataset: DataSet, cache: Path) -> CachedImages:
    """All images at their own size."""
    return load_images(dataset, cache, lambda image: image, 1, dataset.size, "benchmark")


def decode_all(files: list[Path]) -> None:
    """First decode, by the supervised children."""
    answers = decode([Request(path, "dicom") for path in files])
    if not all(isinstance(answer, Decoded) for answer in answers):
        raise SystemExit("a file of the benchmark could not be decoded")


def epoch(part: Part, walk: Walk) -> None:
    """All cases once, as training reads them."""
    for batch in part.batches(BATCH, walk):
        batch.images[0, 0, 0, 0].item()


def monai_seconds(python: str, files: list[Path]) -> float | str:
    """Seconds a file that MONAI's LoadImage takes, or why that is not known."""
    if not python:
        return "not measured: --monai names no Python"
    paths = json.dumps([str(path) for path in files[:200]])
    done = subprocess.run([python, "-c", MONAI], input=paths, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"not measured: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def figure(ours: float, theirs: float, count: int, target: float, cores: int = 1) -> dict[str, float | bool]:
    """Files a second of both, and the ratio of ours to (cores ×) theirs."""
    ratio = theirs / ours / cores
    return {
        "ours_files_a_second": round(count / ours),
        "theirs_files_a_second": round(count / theirs),
        "ratio": round(ratio, 3),
        "target": target,
        "reached": ratio >= target,
    }


def measured(folder: Path, files: list[Path], cache: Path, monai: str) -> dict[str, object]:
    """All figures."""
    cores, count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(files)
    dataset = data_set(folder, files)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    os.environ["NETLOOM_CACHE"] = str(cache)
    turns_of = [
        (spent(lambda: fresh_scan(folder, cache)), spent(lambda: [dcmread(f, stop_before_pixels=True) for f in files]))
        for _ in range(TURNS)
    ]
    ours, theirs = (best(list(side)) for side in zip(*turns_of, strict=True))
    pixels = best_of(lambda: decode_all(files), lambda: [dcmread(path).pixel_array for path in files])
    again = seconds(lambda: scan(folder))
    filling = seconds(lambda: cached(dataset, cache))
    images = cached(dataset, cache)
    part = Part(images, Labels(), tuple(range(count)), torch.device("cpu"))
    raw = best_of(lambda: epoch(part, part.walk(0, 1)), lambda: [np.fromfile(path, np.uint8) for path in files])
    result: dict[str, object] = {
        "files": count,
        "bytes_a_file": files[0].stat().st_size,
        "cores": cores,
        "scan / (cores × dcmread(stop_before_pixels=True))": figure(ours[0], theirs[0], count, 0.8, cores),
        "the same by the processor's time": figure(ours[1], theirs[1], count, 0.8, cores),
        "first decode / (cores × dcmread().pixel_array)": figure(*pixels, count, 0.8, cores),
        "later epochs / np.fromfile": figure(*raw, count, 0.5),
        "second scan, files a second": round(count / again),
        "filling the cache (decode, fit, write, check), files a second": round(count / filling),
    }
    result["later epochs / MONAI LoadImage"] = beside_monai(part, monai, files)
    return result


def beside_monai(part: Part, monai: str, files: list[Path]) -> object:
    """Medians of both sides over interleaved turns, each as long as the other: ten epochs here, 200 files there."""
    epochs: list[float] = []
    loaded: list[float] = []
    for _ in range(TURNS):
        theirs = monai_seconds(monai, files)
        if isinstance(theirs, str):
            return theirs
        loaded.append(theirs)
        epochs.extend(seconds(lambda: epoch(part, part.walk(0, 1))) for _ in range(EPOCHS))
    return figure(median(epochs), median(loaded) * len(files), len(files), 30.0)


def fresh_scan(folder: Path, cache: Path) -> None:
    """A scan of a folder that was never scanned: what an earlier one left is removed."""
    for path in cache.rglob("*"):
        if path.is_file():
            path.unlink()
    if len(scan(folder).found) == 0:
        raise SystemExit("the scan found nothing")


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--files", type=int, default=600)
    words.add_argument("--monai", default="", help="the Python of an environment that has MONAI")
    given = words.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(place) / "files", Path(place) / "cache"
        folder.mkdir()
        cache.mkdir()
        result = measured(folder, write_files(folder, given.files), cache, given.monai)
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
