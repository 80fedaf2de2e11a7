"""Cases that a model of several images is applied to: a folder for each input, matched as in training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from runtime.cases import case_images
from runtime.data.assembly import files_of
from runtime.data.catalogue import Catalogue, DataSet
from runtime.data.faults import Cancelled
from runtime.data.matched import Matched, matched
from runtime.delivery.answers import Row
from runtime.delivery.contract import Contract
from runtime.delivery.prediction_cases import Given, asked_of, given_case


def cases_together(
    contract: Contract,
    datasets: Sequence[DataSet],
    catalogues: Sequence[Catalogue],
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Given]:
    """The cases that all folders have; then, for every file that none of them is made of, a row that says why.

    There is a data set and a catalogue for each input. Raises DataError, before the first case, when nothing matches.
    """
    names = {entry.tensor: entry.name for entry in contract.inputs}
    cases = matched(dict(zip(names, datasets, strict=True)), names)
    return _given(contract, cases, catalogues, on_progress, cancelled)


def _given(
    contract: Contract,
    cases: Matched,
    catalogues: Sequence[Catalogue],
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Given]:
    inputs = [asked_of(entry, one) for entry, one in zip(contract.inputs, catalogues, strict=True)]
    rows = list(zip(*(dataset.samples for dataset in cases.of.values()), strict=True))
    images = [
        case_images(asked.root, dataset.samples, {path: item.kind for path, item in asked.files.items()}, cancelled)
        for asked, dataset in zip(inputs, cases.of.values(), strict=True)
    ]
    for done, samples in enumerate(rows, start=1):
        try:
            answers = [next(one) for one in images]
        except Cancelled:
            return
        yield given_case(samples, answers, inputs, contract.outputs)
        if on_progress is not None:
            on_progress(done, len(rows))
    for number, (source, catalogue) in enumerate(zip(cases.of, catalogues, strict=True)):
        before = f"{contract.inputs[number].name}: " if number else ""
        for path, reason in sorted(_left(cases, source, catalogue).items()):
            yield Given(Row(f"{before}{path}", contract.outputs, problem=f"{path} {reason}."))


def _left(cases: Matched, source: str, catalogue: Catalogue) -> dict[str, str]:
    """The files of a folder that no case is made of, and why."""
    left = {item.path: "has no partner in the other folders" for item in catalogue.found}
    left |= {item.path: item.reason for item in (*catalogue.skipped, *cases.of[source].skipped)}
    for sample in cases.of[source].samples:
        for path in files_of(sample):
            left.pop(path, None)
    return left
