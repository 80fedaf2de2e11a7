"""Cases that a model of several images is applied to: a folder for each input, matched as in training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from runtime.cases import case_images
from runtime.data.assembly import files_of
from runtime.data.catalogue import Catalogue, DataSet, Sample
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

    The cases of an input that is drawn independently lie in turn beside those of the others.

    There is a data set and a catalogue for each input. Raises DataError, before the first case, when nothing matches.
    """
    names = {entry.tensor: entry.name for entry in contract.inputs}
    drawn = [entry.tensor for entry in contract.inputs if entry.drawn]
    cases = matched(dict(zip(names, datasets, strict=True)), names, drawn)
    return _given(contract, cases, catalogues, on_progress, cancelled)


def _given(
    contract: Contract,
    cases: Matched,
    catalogues: Sequence[Catalogue],
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Given]:
    inputs = [asked_of(entry, one) for entry, one in zip(contract.inputs, catalogues, strict=True)]
    columns = {source: _in_rows(cases, source) for source in cases.of}
    rows = list(zip(*columns.values(), strict=True))
    images = [
        case_images(asked.root, samples, {path: item.kind for path, item in asked.files.items()}, cancelled)
        for asked, samples in zip(inputs, columns.values(), strict=True)
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


def _in_rows(cases: Matched, source: str) -> tuple[Sample, ...]:
    """The sample of a source in each row; of one that is drawn independently they come in turn."""
    samples, count = cases.of[source].samples, len(cases.cases.samples)
    return samples if source not in cases.apart else tuple(samples[row % len(samples)] for row in range(count))


def _left(cases: Matched, source: str, catalogue: Catalogue) -> dict[str, str]:
    """The files of a folder that no case is made of, and why."""
    apart = source in cases.apart
    why = "lies beside no case: the other folders have fewer" if apart else "has no partner in the other folders"
    left = {item.path: why for item in catalogue.found}
    left |= {item.path: item.reason for item in (*catalogue.skipped, *cases.of[source].skipped)}
    for sample in _in_rows(cases, source):
        for path in files_of(sample):
            left.pop(path, None)
    return left
