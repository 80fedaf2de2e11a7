"""From cases to rows: a few at a time go through the model, while the next ones are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.delivery.answers import Answer, Row, answers_of
from runtime.delivery.contract import OutputContract
from runtime.delivery.prediction_cases import Given
from runtime.delivery.prediction_stored import read_together
from runtime.delivery.predictors import Predictor
from runtime.errors import RunError
from runtime.plan import FittedSize

_MOST_BYTES = 2**22  # of their pixels as float32: a network may make a hundred times as many out of them
Floats = NDArray[np.float32]


def answered(model: Predictor, cases: Iterator[Given]) -> Iterator[Row]:
    """The rows of the cases, in their order.

    Batches are read, judged and answered in as many threads as the model answers batches at once, so that it waits for
    no reading; one more batch waits for the first thread that is free.
    """
    with ThreadPoolExecutor(model.at_once, thread_name_prefix="model") as pool:
        waiting: deque[Future[list[Row]]] = deque()
        try:
            for batch in _batches(cases, model.batch):
                waiting.append(pool.submit(_answered, model, batch))
                if len(waiting) > model.at_once:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _batches(cases: Iterator[Given], most: int) -> Iterator[list[Given]]:
    batch: list[Given] = []
    held = 0
    for case in cases:
        batch.append(case)
        held += case.nbytes
        if len(batch) == most or held >= _MOST_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _answered(model: Predictor, batch: Sequence[Given]) -> list[Row]:
    """The rows of a few cases; those of equal size go through the model together."""
    cases = read_together(batch)
    rows = [case.row for case in cases]
    alike: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for index, case in enumerate(cases):
        if case.pixels:
            alike.setdefault(tuple(one.shape for one in case.pixels), []).append(index)
    for indexes in alike.values():
        columns = zip(*(cases[index].pixels for index in indexes), strict=True)
        arrays = [_together(column) for column in columns]
        sizes = [cases[index].found for index in indexes]
        for index, row in zip(indexes, _rows(model, arrays, [rows[index] for index in indexes], sizes), strict=True):
            rows[index] = row
    return rows


def _together(images: Sequence[NDArray[Any]]) -> Floats:
    """As np.stack in float32, which spends several times as long on memory that it asks for anew each time."""
    batch = np.empty((len(images), *images[0].shape), np.float32)
    for place, image in zip(batch, images, strict=True):
        np.copyto(place, image, casting="unsafe")
    return batch


def _rows(
    model: Predictor, batch: Sequence[Floats], rows: Sequence[Row], found: Sequence[tuple[int, ...]]
) -> list[Row]:
    try:
        given = model.answers(batch)
    except RunError as error:
        return [replace(row, problem=f"{row.path}: {error}") for row in rows]
    size = batch[0].shape[2:]
    columns = [
        answers_of([_from(output, size, one) for one in found], arrays, [one or size for one in found])
        for output, arrays in zip(rows[0].outputs, given, strict=True)
    ]
    return [
        replace(row, answers=tuple(_over(answer, image) for answer in answers))
        for row, image, answers in zip(rows, batch[0], zip(*columns, strict=True), strict=True)
    ]


def _over(answer: Answer, image: Floats) -> Answer:
    """The answer; boxes with the image that they lie on."""
    return answer if answer.boxes is None else replace(answer, under=image)


def _from(output: OutputContract, size: tuple[int, ...], found: tuple[int, ...]) -> OutputContract:
    """The output with the resampling before the model among its fits, where there was one."""
    return replace(output, fits=(FittedSize(size, "stretch"), *output.fits)) if found else output
