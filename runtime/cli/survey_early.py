"""The first small pictures of a folder whose scan takes its time: one file of each subfolder, as soon as it is seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

_WAIT_SECONDS = 1.0  # a scan that is over sooner shows its real pictures at once
_MOST = 48
_OF_A_FOLDER = 4
_AT_ONCE = 6


def early_pictures(folder: Path, into: Path, tell: Callable[[dict[str, Any]], None], over: threading.Event) -> None:
    """Tell of small pictures until enough are made or the scan is over; what cannot be read is left to the scan."""
    if over.wait(_WAIT_SECONDS) or not folder.is_dir():
        return
    from PIL import Image

    from runtime.data.pool import Failed, Request, decode
    from runtime.data.thumbnail import thumbnail

    into.mkdir(parents=True, exist_ok=True)
    candidates = _candidates(folder.resolve(), over)
    count = 0
    while not over.is_set() and (some := list(islice(candidates, _AT_ONCE))):
        requests = [Request(folder / path, kind) for path, kind in some]
        for (path, _), answer in zip(some, decode(requests, workers=1, cancelled=over.is_set), strict=False):
            if isinstance(answer, Failed):
                continue
            frame = answer.array[0]
            file = into / f"early{count:04d}.png"
            Image.fromarray(thumbnail(frame[:, frame.shape[1] // 2] if frame.ndim == 4 else frame)).save(file)
            count += 1
            tell({"record": "thumbnail", "early": True, "path": path, "file": str(file), "truth": None, "patient": ""})


def _candidates(root: Path, over: threading.Event) -> Iterator[tuple[str, Any]]:
    """Some image files of each folder, as the walk comes to them."""
    from runtime.data.faults import READ_ERRORS, FileFault
    from runtime.data.sniff import content_of, refused_by_name
    from runtime.data.walk import walk

    taken: dict[str, int] = {}
    found = 0
    for path in walk(root):
        if over.is_set() or found >= _MOST:
            return
        if not isinstance(path, str) or refused_by_name(path.rpartition("/")[2]) is not None:
            continue
        parent = path.rpartition("/")[0]
        if taken.get(parent, 0) >= _OF_A_FOLDER:
            continue
        try:
            kind = content_of(root / path).kind
        except FileFault:
            continue
        except READ_ERRORS:
            continue
        taken[parent] = taken.get(parent, 0) + 1
        found += 1
        yield path, kind
