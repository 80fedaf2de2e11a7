"""Answers images with the network of this folder, and prints one line of JSON for each image.

python predict.py FILE ... [--out FOLDER]. Masks and images that it makes are written into --out. Research use only.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # so that the files beside this one are found from anywhere

import numpy as np  # noqa: E402
import torch  # noqa: E402
from answers import answer_of, classes_of  # noqa: E402
from model import Network  # noqa: E402
from preparation import read, unlike  # noqa: E402


def main() -> int:
    """Answer every file of the command line; 1 when one of them could not be answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path(), help="the folder for masks and images")
    words = parser.parse_args()
    contract = json.loads((HERE / "contract.json").read_text("utf-8"), object_hook=_record)
    if len(contract.inputs) != 1 or contract.inputs[0].feed != "data":
        parser.error("this network does not take exactly one image; use Network of model.py")
    if contract.inputs[0].patch:
        parser.error("this network takes patches round points, not whole images; cut them, and use Network of model.py")
    network, failed = Network().load(str(HERE / "weights.safetensors")), 0
    for path in words.files:
        try:
            for number, image in enumerate(_images(path, contract.inputs[0])):
                _say(_answered(network, image, contract.outputs, path, number, words.out))
        except (OSError, ValueError) as error:
            failed += 1
            _say({"file": path.name, "problem": str(error)})
    return int(failed > 0)


def _record(content: dict) -> SimpleNamespace | dict:
    """A part of the contract; tables by names of classes and measures stay tables."""
    known = ({"name", "tensor"}, {"inputs", "outputs"}, {"size", "rule"})
    return SimpleNamespace(**content) if any(keys <= content.keys() for keys in known) else content


def _images(path: Path, entry: SimpleNamespace) -> list[np.ndarray]:
    if reason := unlike(path, entry):
        raise ValueError(reason)
    as_found = entry.take == "as found" and not entry.spacing_mm
    return read(path, len(entry.size), entry.channels, as_found)


def _answered(network: Network, image: np.ndarray, outputs: list, path: Path, number: int, out: Path) -> dict:
    given = network.predict(torch.from_numpy(np.ascontiguousarray(image))[None])
    said: dict = {"file": path.name, "frame": number}
    for output, tensor in zip(outputs, given if isinstance(given, tuple) else (given,), strict=True):
        answer = answer_of(output, tensor[0].numpy(), image.shape[1:])
        told: dict = {"predicted": answer.predicted}
        if answer.probabilities:
            told["probabilities"] = dict(zip(classes_of(output), answer.probabilities, strict=True))
        if answer.boxes is not None:
            names = classes_of(output)
            told["boxes"] = [
                {"class": names[int(box[5])], "probability": float(box[4]), "edges": [float(edge) for edge in box[:4]]}
                for box in answer.boxes
            ]
        made = answer.image if answer.mask is None else answer.mask
        if made is not None:
            out.mkdir(parents=True, exist_ok=True)
            told["file"] = f"{path.stem}-{number}-{output.tensor}.npy"
            np.save(out / told["file"], made)
        said |= told if len(outputs) == 1 and "file" not in told else {output.tensor: told}
    return said


def _say(record: dict) -> None:
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
