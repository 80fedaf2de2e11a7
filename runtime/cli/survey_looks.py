"""The last part of a survey: every case is decoded once, to find those that show the same and those with text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from runtime.data.catalogue import DataError, DataSet

_EVERY_SECONDS = 0.2  # between two words of progress


def look_records(dataset: DataSet) -> Iterator[dict[str, Any]]:
    """Progress, and one record `looks`: twins and cases with text by their places among the cases, how many cases were
    compared, in how many text was looked for. Where nothing can be decoded a `problem` says why."""
    from runtime.data.assembly import image_of
    from runtime.data.faults import FileFault
    from runtime.data.gather import gathered
    from runtime.data.points.patches import image_rows, images_of_points
    from runtime.data.warnings_looks import Looker

    cases = list(range(len(dataset.samples)))
    if dataset.points:  # whole images are compared, and the first point of each stands for it
        rows = image_rows(dataset)
        dataset, cases = images_of_points(dataset), [rows.index(row) for row in range(max(rows) + 1)]
    looker, told = Looker(dataset, len(dataset.samples)), 0.0
    try:
        for files in gathered(Path(dataset.folder), dataset.samples, lambda _path: dataset.kind):
            with suppress(FileFault):  # the pictures and the training tell what cannot be read
                looker.look(files.index, image_of(dataset.samples[files.index], dataset.kind, files.images))
            if time.monotonic() - told > _EVERY_SECONDS or files.index + 1 == len(dataset.samples):
                told = time.monotonic()
                yield {"record": "progress", "what": "Comparing pixels", "done": files.done, "total": files.total}
    except DataError as error:
        yield {"record": "looks", "problem": str(error)}
        return
    looks = looker.looks()
    yield {
        "record": "looks",
        "twins": [[cases[twin.first], cases[twin.second]] for twin in looks.twins],
        "text": [cases[place] for place in looks.text],
        "searched": looks.searched,
        "compared": looker.compared,
    }
