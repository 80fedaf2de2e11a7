"""The process that gives the viewer its pixels: requests as JSON lines on stdin, answers on stdout, arrays in files.

A decoding child does the dangerous work under a limit of time and memory, and is replaced when it is lost. Requests
are {"id", "ask": "picture" | "header", "path", "kind", "frame", "plane", "index", "mask", "mask_kind"}.
"""

from __future__ import annotations

import json
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runtime.data.catalogue import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from runtime.data.child import Child

_SECONDS = 30.0
_KEPT_BYTES = 512 * 2**20  # of decoded files, so that the slices of a volume are decoded once
_CURVES = (960, 1280)  # rows and columns of the picture of a signal
_LOOKED_AT = 200_000  # values for the usual range of a file


def register(app: typer.Typer) -> None:
    """Enter the command, which people are not shown."""
    app.command(hidden=True)(pixels)


def pixels(into: Annotated[Path, typer.Argument(help="The folder for the arrays; the reader removes them.")]) -> None:
    """Answer the requests of a viewer until they end."""
    server = PixelServer(into)
    try:
        for answer in server.answers(sys.stdin):
            typer.echo(json.dumps(answer))
            sys.stdout.flush()
    finally:
        server.close()


class Fault(Exception):
    """A request that cannot be answered; the text is the reason, for the user."""


class PixelServer:
    """Answers requests one after the other, and keeps what it decoded last."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._child: Child | None = None
        self._kept: OrderedDict[tuple[str, bool], NDArray[Any]] = OrderedDict()
        self._ranges: dict[str, tuple[float, float, float, float]] = {}
        self._written = 0

    def answers(self, lines: Iterable[str]) -> Iterable[dict[str, Any]]:
        """One answer for each line: what was asked for, or {"error"} in words."""
        for line in lines:
            request = json.loads(line)
            try:
                answer = self._header(request) if request["ask"] == "header" else self._picture(request)
            except (Fault, DataError) as fault:
                answer = {"error": str(fault)}
            yield {"id": request["id"], **answer}

    def close(self) -> None:
        """End the decoding child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _header(self, request: Mapping[str, Any]) -> dict[str, Any]:
        from runtime.data.header_rows import as_record, header_rows

        path = Path(request["path"])
        with _explained(path):
            return {"rows": [as_record(row) for row in header_rows(path, request["kind"])]}

    def _picture(self, request: Mapping[str, Any]) -> dict[str, Any]:
        from runtime.data.display import display_of

        path, kind = Path(request["path"]), request["kind"]
        frame, plane, index = int(request.get("frame", 0)), str(request.get("plane", "axial")), request.get("index")
        whole = self._decoded(path, kind, mask=False)
        if frame >= whole.shape[0]:
            raise Fault(f"{path.name} has {whole.shape[0]} frames; frame {frame + 1} is not there.")
        values = whole[frame]
        if values.ndim == 2:
            return self._curves(values)
        slices = values.shape[1 + _axis(plane)] if values.ndim == 4 else 1
        index = None if values.ndim < 4 else slices // 2 if index is None else min(max(int(index), 0), slices - 1)
        values = _cut(values, plane, index)
        with _explained(path):
            display = display_of(path, kind, frame, plane)
        answer: dict[str, Any] = {"image": self._write(values), "slices": slices, "display": asdict(display)}
        answer["range"] = self._range(str(path), whole)
        if request.get("mask"):
            answer |= self._mask(request, values.shape[1:], plane, index, frame)
        return answer

    def _curves(self, signal: NDArray[Any]) -> dict[str, Any]:
        """A signal (leads, samples) as a picture of its curves."""
        from runtime.data.curves import curves
        from runtime.data.display import Display

        drawn = curves(signal, *_CURVES)[None].astype("float32")
        whole = (0.0, 255.0, 0.0, 255.0)
        return {"image": self._write(drawn), "slices": 1, "display": asdict(Display()), "range": whole}

    def _mask(
        self, request: Mapping[str, Any], size: tuple[int, ...], plane: str, index: int | None, frame: int
    ) -> dict[str, Any]:
        """The mask of the picture, or why it cannot be laid over it; the picture is shown all the same."""
        path = Path(request["mask"])
        try:
            drawn = self._decoded(path, request["mask_kind"], mask=True)
        except Fault as fault:
            return {"mask_error": str(fault)}
        if drawn.ndim == 3 and index is None:
            drawn = drawn[min(frame, drawn.shape[0] - 1)]
        elif drawn.ndim == 3:
            if index is not None and index >= drawn.shape[_axis(plane)]:
                return {"mask_error": f"The mask {path.name} has fewer slices than its image."}
            drawn = _cut(drawn[None], plane, index)[0]
        if drawn.shape != size:
            came, fits = ("×".join(map(str, sides)) for sides in (drawn.shape, size))
            return {"mask_error": f"The mask {path.name} has {came} pixels, but its image has {fits}."}
        return {"mask": self._write(drawn)}

    def _decoded(self, path: Path, kind: str, mask: bool) -> NDArray[Any]:
        key = (str(path), mask)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        array = self._ask(path, kind, mask)
        self._kept[key] = array
        while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return array

    def _ask(self, path: Path, kind: str, mask: bool) -> NDArray[Any]:
        from runtime.data.child import Child, ChildLost

        self._child = self._child or Child()
        words = {"path": str(path), "kind": kind, "mask": mask, "seconds": _SECONDS}
        try:
            answer = self._child.ask(words, _SECONDS)
        except ChildLost as lost:
            self.close()
            raise Fault(f"{path.name} {lost}.") from lost
        if isinstance(answer, str):
            raise Fault(answer)
        return answer

    def _range(self, path: str, whole: NDArray[Any]) -> tuple[float, float, float, float]:
        """Of the whole file: the 0.5th and 99.5th percentile, the least and the largest value."""
        if path not in self._ranges:
            import numpy as np

            flat = whole.reshape(-1)
            some = flat[:: max(1, flat.size // _LOOKED_AT)]
            finite = some[np.isfinite(some)]
            low, high = np.percentile(finite, (0.5, 99.5)) if finite.size else (0.0, 1.0)
            least, most = (np.nanmin(flat), np.nanmax(flat)) if finite.size else (0.0, 1.0)
            self._ranges[path] = (float(low), float(high), float(least), float(most))
        return self._ranges[path]

    def _write(self, values: NDArray[Any]) -> dict[str, Any]:
        import numpy as np

        self._written += 1
        file = self._into / f"{self._written:08d}.raw"
        array = np.ascontiguousarray(values)
        array.tofile(file)
        return {"file": str(file), "shape": list(array.shape), "dtype": array.dtype.str}


class _explained:
    """What goes wrong inside is a Fault that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from runtime.data.faults import READ_ERRORS, FileFault, in_words

        if isinstance(error, (FileFault, *READ_ERRORS)):
            raise Fault(f"{self._path.name} {in_words(error)}.") from error  # type: ignore[arg-type]


def _axis(plane: str) -> int:
    return ("axial", "coronal", "sagittal").index(plane)


def _cut(values: NDArray[np.float32], plane: str, index: int | None) -> NDArray[np.float32]:
    """One plane of (channels, slices, rows, columns); the head is on top where slices become rows."""
    if index is None:
        return values
    taken: Any = values.take(index, axis=1 + _axis(plane))  # numpy's types say it may be one number
    cut: NDArray[np.float32] = taken
    return cut if plane == "axial" else cut[:, ::-1]
