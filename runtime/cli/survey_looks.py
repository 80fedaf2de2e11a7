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
    from runtime.data.warnings_looks import Looker

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
        "twins": [[twin.first, twin.second] for twin in looks.twins],
        "text": list(looks.text),
        "searched": looks.searched,
        "compared": looker.compared,
    }
