"""Two ways to have a model answer: the trained network itself, or an ONNX file alone."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    EPFail,
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NoSuchFile,
    NotImplemented,
    RuntimeException,
)
from torch import Tensor

from runtime.compile import Deployed, Network
from runtime.delivery.contract import KEY, Contract, InputContract, OutputContract, parse
from runtime.errors import RunError
from runtime.modules.fit import Fit
from runtime.runs import Run
from runtime.trained import load_trained

Arrays = list[NDArray[Any]]

RUNTIME_ERRORS = (
    EPFail, Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NoSuchFile, NotImplemented, RuntimeException,
    RuntimeError, ValueError,
)  # fmt: skip
"""What onnxruntime raises of a file that it cannot open or run."""

_BATCH = 8  # images
_AT_ONCE = 4  # batches, each of which is read and answered by one thread
_SOURCE_PLACES = (
    re.compile(r"^\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : "),
    re.compile(r"Load model from .*? failed: ?"),
    re.compile(r"\S+\.(?:cc|cpp|h):\d+ (?:(?:\w+::)+~?\w+\([^)]*\)(?: const)? |[A-Z][a-z]+(?:[A-Z]\w*){2,} )?"),
)


class Predictor(Protocol):
    """A model that answers. `notes` are sentences the user should read before trusting the answers."""

    @property
    def contract(self) -> Contract:
        """What it takes and gives."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about it."""

    @property
    def batch(self) -> int:
        """How many images it should be asked for at a time."""

    @property
    def at_once(self) -> int:
        """How many threads may ask it at once, and are worth it."""

    def answers(self, images: Sequence[NDArray[np.float32]]) -> Arrays:
        """One array (N, ...) for each output from one (N, channels, *any size) for each input. Raises RunError."""


class TrainedPredictor:
    """The trained network of a run, on the device where it lies."""

    def __init__(self, network: Network, contract: Contract) -> None:
        self.contract = contract
        self.notes: tuple[str, ...] = ()
        self.batch, self.at_once = 16, 1
        self._deployed = Deployed(network)
        weight = next(network.parameters(), None)
        self._device = torch.device("cpu") if weight is None else weight.device

    def answers(self, images: Sequence[NDArray[np.float32]]) -> Arrays:
        """As Predictor says."""
        tensors = [torch.from_numpy(np.ascontiguousarray(image)).to(self._device) for image in images]
        with torch.inference_mode():
            return [answer.float().cpu().numpy() for answer in self._deployed(*tensors)]


class OnnxPredictor:
    """An ONNX file, run by onnxruntime on the CPU. A file without Netloom's contract is used as its shapes allow.

    Of many images several batches are answered at once, which share the cores; where `few` come at a time, each batch
    has all cores. Raises RunError when the file cannot be loaded or takes something else than one image.
    """

    def __init__(self, path: Path, few: bool = False) -> None:
        if not path.is_file():
            raise RunError(f"There is no file {path}; choose an ONNX file.")
        cores = os.cpu_count() or 1
        self.batch, self.at_once = _BATCH, 1 if few else min(cores, _AT_ONCE)
        try:
            options, providers = session_options(cores // self.at_once), ["CPUExecutionProvider"]
            self._session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        except RUNTIME_ERRORS as error:
            raise RunError(f"{path.name} cannot be loaded as an ONNX model: {_reason(error)}") from error
        self._names = [entry.name for entry in self._session.get_inputs()]
        text = self._session.get_modelmeta().custom_metadata_map.get(KEY)
        self._fit: Fit | None = None
        self._most: int | None = None
        self._described = text is not None
        if text is not None:
            self.contract = parse(text)
            self.notes: tuple[str, ...] = ()
            self._check_counts(path)
        else:
            self._guess(path)

    def _check_counts(self, path: Path) -> None:
        counts = len(self._names), len(self._session.get_outputs())
        if counts != (len(self.contract.inputs), len(self.contract.outputs)):
            raise RunError(f"{path.name} describes other inputs or outputs than it has; export it again.")

    def _guess(self, path: Path) -> None:
        """What the shapes say of a file without a contract: one input (N, C, *size) of float32."""
        entry = self._session.get_inputs()[0]
        shape = list(entry.shape)
        if len(self._names) != 1 or entry.type != "tensor(float)" or not 4 <= len(shape) <= 5:
            raise RunError(
                f"{path.name} has no description by Netloom, and its input “{entry.name}” ({entry.type}, "
                f"{_spelled(shape)}) is not one batch of float32 images; it cannot be applied to a folder."
            )
        if not isinstance(shape[1], int):
            raise RunError(f"{path.name} does not say how many channels its images have; it fits no folder.")
        size = tuple(side if isinstance(side, int) else 0 for side in shape[2:])
        self._most = shape[0] if isinstance(shape[0], int) else None
        self._fit = Fit(size) if all(size) else None
        given = InputContract(entry.name, entry.name, "data", shape[1], size, "stretch" if self._fit else None)
        outputs = tuple(_guessed_output(output) for output in self._session.get_outputs())
        self.contract = Contract((given,), outputs)
        fitted = f"images are stretched to {_spelled(list(size))} pixels" if self._fit else "images keep their size"
        self.notes = (
            f"{path.name} has no description by Netloom: {fitted}, their values are given as stored (after rescale), "
            "and its outputs are read by their shape. Check that it was trained on such values.",
        )
        if any(output.task == "classification" for output in outputs):
            self.notes += (
                "It is not known whether it ends in probabilities: the columns “p:” hold its outputs as they are; "
                "where those of a row do not add up to 1, they are raw scores.",
            )

    def answers(self, images: Sequence[NDArray[np.float32]]) -> Arrays:
        """As Predictor says."""
        given = [self._fitted(image) for image in images]
        count = len(given[0])
        step = self._most or count
        if count % step:
            raise RunError(f"The model takes exactly {step} images at a time, and {count} came.")
        try:
            parts = [self._run([array[at : at + step] for array in given]) for at in range(0, count, step)]
        except RUNTIME_ERRORS as error:
            raise RunError(f"onnxruntime could not run the model: {_reason(error)}") from error
        joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
        if not self._described:
            joined = [_flat(one, output) for one, output in zip(joined, self.contract.outputs, strict=True)]
        for answer, output in zip(joined, self.contract.outputs, strict=True):
            if self._described and answer.shape[1:] != output.shape:
                raise RunError(
                    f"The output “{output.name}” is described as {_spelled(output.shape)}, but the model gave "
                    f"{_spelled(answer.shape[1:])}; export it again."
                )
        return joined

    def _run(self, given: Arrays) -> Arrays:
        answers: Arrays = self._session.run(None, dict(zip(self._names, given, strict=True)))
        return answers

    def _fitted(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._fit is None:
            return np.ascontiguousarray(image)
        with torch.inference_mode():
            fitted: Tensor = self._fit(torch.from_numpy(np.ascontiguousarray(image)))
        array: NDArray[np.float32] = fitted.numpy()
        return array


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """How onnxruntime is set up, to work on one batch with so many threads."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    # Threads that wait by spinning would take the processor from those that read the next images.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def predictor_of(model: Path, few: bool = False) -> Predictor:
    """What answers images, `few` at a time or many: a run folder's best checkpoint, or an exported ONNX file. Raises
    RunError."""
    if model.is_dir():
        trained = load_trained(Run(model))
        return TrainedPredictor(trained.network, trained.contract)
    if not model.exists():
        raise RunError(f"{model} is not there; name a run folder or an exported ONNX file.")
    return OnnxPredictor(model, few)


def _guessed_output(entry: Any) -> OutputContract:
    """Pixels are a segmentation, several numbers a choice of classes, one number a number.

    Sides that are 1 for every image, as in (N, 1000, 1, 1), are no pixels.
    """
    sides = list(entry.shape[1:])
    while len(sides) > 1 and sides[-1] == 1:
        sides.pop()
    shape = tuple(side if isinstance(side, int) else 1 for side in sides)
    several = len(shape) > 0 and shape[0] > 1
    bare = OutputContract(entry.name, entry.name, None, "identity", (), shape)
    if len(shape) > 1 and several:
        return replace(bare, task="segmentation")
    return replace(bare, task="classification" if several else "regression")


def _flat(answer: NDArray[Any], output: OutputContract) -> NDArray[Any]:
    """An answer (N, ..., 1, 1) without the ones that its output was read without."""
    extra = answer.shape[1 + len(output.shape) :]
    return answer.reshape(answer.shape[: answer.ndim - len(extra)]) if set(extra) == {1} else answer


def _spelled(shape: Sequence[Any]) -> str:
    return "×".join("N" if not isinstance(side, int) else str(side) for side in shape)


def _reason(error: Exception) -> str:
    """What onnxruntime says, as one sentence without the places in its own source."""
    text = " ".join(str(error).split())
    for told in _SOURCE_PLACES:
        text = told.sub("", text)
    return f"{text[:300].rstrip(' .')}." if text else "no reason was given."
