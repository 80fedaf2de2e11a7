"""How fast does an exported ONNX answer a folder? `python -P -m tests.benchmarks.bench_predict [--files 400]`.

Prints JSON: the ratio of the speed of predicting a folder to what onnxruntime alone does on as many images that lie in
memory as float32; both with one model, in turns, on files that were read before. onnxruntime alone takes the images in
the batches, so many batches at once, and so many threads for each, in which it was fastest by the clock of all that are
tried (`WAYS`); "usual" is the ratio to what most write: onnxruntime's own settings and batches of 16 in a loop. "first
time" decodes every file and keeps it in the cache, "cached" reads it from there (aim 0.8). By the clock, and by the
processor's time of this process, without the children that decode, which a busy machine disturbs less. Three sizes of a
network: for a small one reading counts most, for a large one and for the template ResNet-18 (128 x 128) onnxruntime
does. The contract says what training images were like, so that every image is judged. `--network small`, `--cached` and
`--turns 15` measure a part of this, more often.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
import torch
from PIL import Image

from runtime.compile import compile_graph
from runtime.data.catalogue import DataSet, Sample
from runtime.delivery.contract import contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.delivery.predict import predict_folder
from runtime.delivery.predictors import OnnxPredictor, session_options
from runtime.delivery.seen import Seen
from runtime.graph import Graph
from tests.builders import graphs
from tests.builders.dicom import dicom

SIDE, TURNS, MOST = 256, 5, 800  # pixels; turns; images in memory, which are given again and again to onnxruntime alone
CORES = os.cpu_count() or 1
USUAL = (16, 1, CORES)  # images in a batch, batches at once, threads for each
TRIED = 128  # images by which a way is chosen
WAYS = tuple(
    (batch, at_once, threads)
    for batch in (1, 2, 4, 8, 16, 32)
    for at_once, threads in ((1, CORES), (CORES, CORES), (CORES, 1))
)
FILTERS = {"small network": (4, 8), "large network": (32, 64, 64)}
TEMPLATE = "resnet-18"


def files(folder: Path, kind: str, count: int) -> Path:
    """Images of noise, as DICOM or PNG."""
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 4095, (SIDE, SIDE)).astype(np.uint16)
        if kind == "dicom":
            dicom(folder / f"{number:05}.dcm", pixels, instance=number + 1)
        else:
            folder.mkdir(exist_ok=True)
            Image.fromarray((pixels >> 4).astype(np.uint8)).save(folder / f"{number:05}.png")
    return folder


def drawn(name: str) -> Graph:
    """A classifier with this many filters, or the template."""
    side = (128, 128)
    if name == TEMPLATE:
        samples = tuple(Sample(f"{place}.png", 0, 1, side, "", label=str(place % 2)) for place in range(4))
        data = DataSet("/data", "image", samples, "class", ("0", "1"), 1, side, fingerprint="f", top=255)
        return graphs.of_template(name, data)
    layers = [
        layer for count in FILTERS[name] for layer in (("convolution", {"filters": count}), "relu", "max_pooling")
    ]
    return graphs.classifier(
        layers=[*layers, "global_average_pooling"], before=["normalise"], size=side, found_size=side
    )


def exported(folder: Path, name: str) -> Path:
    """The network as ONNX."""
    network = compile_graph(graphs.sound(drawn(name)))
    out = folder / f"{name}.onnx"
    contract = contract_of(network.analysis)
    seen = Seen(images=2, darkest=(0.0, 100.0), brightest=(200.0, 4095.0))
    contract = replace(contract, inputs=(replace(contract.inputs[0], seen=seen),))
    export_onnx(network, out, contract, [torch.rand(1, SIDE, SIDE) for _ in range(2)])
    return out


def alone(model: Path, images: np.ndarray, count: int, way: tuple[int, int, int], usual: bool = False) -> None:
    """onnxruntime for `count` arrays, in batches, some of them at once; with its own settings if `usual`."""
    batch, at_once, threads = way
    settings = onnxruntime.SessionOptions() if usual else session_options(threads)
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    batches = [images[at % len(images) :][: min(batch, count - at)] for at in range(0, count, batch)]
    if at_once == 1:
        for one in batches:
            session.run(None, {name: one})
        return
    with ThreadPoolExecutor(at_once) as pool:
        deque(pool.map(lambda one: session.run(None, {name: one}), batches), 0)


def fastest(model: Path, images: np.ndarray) -> tuple[int, int, int]:
    """The way in which onnxruntime alone is fastest by the clock: of each the best of three turns."""
    turns = [[seconds(partial(alone, model, images, TRIED, way))[0] for way in WAYS] for _ in range(3)]
    return WAYS[int(np.min(turns, axis=0).argmin())]


def answered(model: Path, folder: Path) -> None:
    """A prediction of the folder, from its listing to the last row."""
    wrong = [row.problem for row in predict_folder(OnnxPredictor(model), folder) if row.problem]
    if wrong:
        raise RuntimeError(wrong[0])


def seconds(work: Callable[[], None]) -> np.ndarray:
    """By the clock, and of this process on the processors."""
    begin = np.array((time.perf_counter(), time.process_time()))
    work()
    spent: np.ndarray = np.array((time.perf_counter(), time.process_time())) - begin
    return spent


def ratios(
    model: Path, folder: Path, images: np.ndarray, count: int, way: tuple[int, int, int], turns: int, cache: Path | None
) -> dict[str, object]:
    """onnxruntime's seconds over those of predicting, in turns; a `cache` is emptied before each of them."""
    found = []
    if cache is None:
        answered(model, folder)
    for _ in range(turns):
        if cache is not None:
            shutil.rmtree(cache, ignore_errors=True)
        best = seconds(partial(alone, model, images, count, way))
        ours = seconds(partial(answered, model, folder))
        usual = seconds(partial(alone, model, images, count, USUAL, usual=True))
        found.append((best / ours, usual / ours, best / count * 1000))
    clock, processor = np.array([one for one, _, _ in found]).T
    usual_clock, usual_processor = np.median([one for _, one, _ in found], axis=0)
    alone_clock, alone_processor = np.median([one for _, _, one in found], axis=0)
    return {
        "ratio": round(median(clock), 3), "turns": [round(float(one), 3) for one in clock],
        "of the processor's time": round(median(processor), 3),
        "usual": [round(float(usual_clock), 3), round(float(usual_processor), 3)],
        "onnxruntime alone, ms an image": [round(float(alone_clock), 3), round(float(alone_processor), 3)],
    }  # fmt: skip


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--network", default="", help="only those whose name begins so: small, large, resnet")
    parser.add_argument("--cached", action="store_true", help="leave out the first time")
    asked = parser.parse_args()
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        place, cache = Path(name), Path(name) / "cache"
        os.environ["NETLOOM_CACHE"] = str(cache)
        images = np.random.default_rng(0).random((min(asked.files, MOST), 1, SIDE, SIDE), np.float32) * 255
        folders = {kind: files(place / kind, kind, asked.files) for kind in ("dicom", "png")}
        for size in (size for size in (*FILTERS, TEMPLATE) if size.startswith(asked.network)):
            model = exported(place, size)
            way = fastest(model, images)
            found[f"{size}, onnxruntime alone"] = {
                "images in a batch": way[0], "batches at once": way[1], "threads for each": way[2],
            }  # fmt: skip
            for kind, folder in folders.items():
                for when in ("cached",) if asked.cached else ("first time", "cached"):
                    emptied = cache if when == "first time" else None
                    found[f"{size}, {kind}, {when}"] = ratios(
                        model, folder, images, asked.files, way, asked.turns, emptied
                    )
    load = [round(one, 1) for one in os.getloadavg()]
    told = {"files": asked.files, "cores": os.cpu_count(), "load at the end": load, **found}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
