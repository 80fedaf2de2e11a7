"""A small folder of images with boxes, and a detector that learns it within seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from runtime.attach import TYPES, learned
from runtime.data.labels import read_dataset
from runtime.document import Document
from runtime.graph import Graph, Training, Wire

_XML = "<annotation><size><width>48</width><height>32</height></size>{}</annotation>"
_BOX = "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"


def framed_folder(folder: Path, cases: int = 24) -> Path:
    """Grey images of 32×48 pixels with bright discs (“disc”, twelve pixels) and dark squares (“square”), each boxed."""
    random = np.random.default_rng(0)
    for case in range(cases):
        pixels = random.normal(110, 4, (32, 48))
        boxes = []
        for place, name in enumerate(("disc", "square")):
            top, left = int(random.integers(1, 18)), int(random.integers(1, 10)) + 24 * place
            rows, columns = np.mgrid[:32, :48]
            if name == "disc":
                pixels[(rows - top - 6) ** 2 + (columns - left - 6) ** 2 < 36] = 220
            else:
                pixels[top : top + 12, left : left + 12] = 20
            boxes.append(_BOX.format(name, left, top, left + 12, top + 12))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{case:02d}.png")
        (folder / f"{case:02d}.xml").write_text(_XML.format("".join(boxes)), encoding="utf-8")
    return folder


def detector(folder: Path, epochs: int = 4) -> Graph:
    """Three convolutions with one anchor at each cell of eight pixels, behind a Resize that pads."""
    document = Document()
    with document.edit("Draw"):
        dataset = read_dataset(folder)
        source = document.add(TYPES[dataset.kind], "Images", settings=dict(learned(dataset)))
        end, port = source, "image"
        for kind, settings in (
            ("resize", {"size": [48, 48], "fit": "pad"}),
            ("normalise", {}),
            ("augment", {"flip_horizontal": True, "rotate": 0.0, "shift": 0.0, "zoom": 0.0}),
        ):
            node = document.add(kind, settings=settings)
            document.connect(Wire(end, port, node, "image"))
            end, port = node, "out"
        image = end
        for number, filters in enumerate((12, 24, 24)):
            for kind, settings in (
                ("convolution", {"filters": filters, "stride": 2}),
                ("batch_normalization", {}),
                ("relu", {}),
            ):
                node = document.add(kind, f"{kind}{number}", settings=settings)
                document.connect(Wire(end, "out", node, "image"))
                end = node
        head = document.add("convolution", "head", settings={"filters": 7, "kernel": 1})
        document.connect(Wire(end, "out", head, "image"))
        boxes = document.add("anchor_boxes", "Anchors", settings={"widths": [12.0], "heights": [12.0]})
        document.connect(Wire(head, "out", boxes, "scores"))
        document.connect(Wire(image, "out", boxes, "image"))
        best = document.add("non_maximum_suppression", "Best", settings={"most": 10})
        document.connect(Wire(boxes, "out", best, "boxes"))
        document.connect(Wire(image, "out", best, "image"))
        optimizer = document.add("adam", settings={"rate": 0.01})
        for kind in ("giou_loss", "objectness_loss", "box_class_loss"):
            loss = document.add(kind, settings={"best": 2})
            document.connect(Wire(boxes, "out", loss, "prediction"))
            document.connect(Wire(source, "boxes", loss, "target"))
            document.connect(Wire(loss, "loss", optimizer, "loss"))
        metric, output = document.add("mean_average_precision", "mAP"), document.add("output", "Boxes")
        document.connect(Wire(best, "out", metric, "prediction"))
        document.connect(Wire(source, "boxes", metric, "target"))
        document.connect(Wire(best, "out", output, "prediction"))
        document.train_with(replace(Training(), epochs=epochs, batch=6, watch="mAP"))
    return document.graph()
