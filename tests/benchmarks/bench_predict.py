"""How fast does an exported ONNX answer a folder? `python -P -m tests.benchmarks.bench_predict [--files 400]`.

Prints JSON: the ratio of the speed of predicting a folder, decoding included, to what onnxruntime alone does on the
same images, decoded already and in the same batches; both with one model, in turns, on files that were read before.
Two sizes of a network: for a small one decoding counts most, for a large one onnxruntime does.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
import torch
from PIL import Image

from runtime.compile import compile_graph
from runtime.delivery.contract import contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.delivery.predict import predict_folder
from runtime.delivery.predictors import OnnxPredictor
from tests.builders import graphs
from tests.builders.dicom import dicom

SIDE, BATCH, TURNS = 256, 16, 5
FILTERS = {"small network": (4, 8), "large network": (32, 64, 64)}


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


def exported(folder: Path, name: str) -> Path:
    """A classifier with this many filters, as ONNX."""
    layers = [
        layer for count in FILTERS[name] for layer in (("convolution", {"filters": count}), "relu", "max_pooling")
    ]
    side = (128, 128)
    graph = graphs.classifier(
        layers=[*layers, "global_average_pooling"], before=["normalise"], size=side, found_size=side
    )
    network = compile_graph(graphs.sound(graph))
    out = folder / f"{name}.onnx"
    export_onnx(network, out, contract_of(network.analysis), [torch.rand(1, SIDE, SIDE) for _ in range(2)])
    return out


def alone(model: Path, images: np.ndarray) -> float:
    """Seconds of onnxruntime for arrays."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    begin = time.perf_counter()
    for at in range(0, len(images), BATCH):
        session.run(None, {name: images[at : at + BATCH]})
    return time.perf_counter() - begin


def folder_seconds(model: Path, folder: Path) -> float:
    """Seconds of a prediction of the folder, from its listing to the last row."""
    predictor = OnnxPredictor(model)
    begin = time.perf_counter()
    rows = list(predict_folder(predictor, folder))
    spent = time.perf_counter() - begin
    wrong = [row.problem for row in rows if row.problem]
    if wrong:
        raise RuntimeError(wrong[0])
    return spent


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=400)
    count = parser.parse_args().files
    found = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        images = np.random.default_rng(0).random((count, 1, SIDE, SIDE), np.float32) * 255
        folders = {kind: files(place / kind, kind, count) for kind in ("dicom", "png")}
        for size in FILTERS:
            model = exported(place, size)
            for kind, folder in folders.items():
                ratios = [alone(model, images) / folder_seconds(model, folder) for _ in range(TURNS)]
                found[f"{size}, {kind}"] = {
                    "ratio": round(median(ratios), 3),
                    "turns": [round(one, 3) for one in ratios],
                }
    sys.stdout.write(json.dumps({"files": count, "cpus": torch.get_num_threads(), **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
