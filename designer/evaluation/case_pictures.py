"""The small pictures of the gallery: asked for when they are seen, made by the process that reads pixels."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from designer.data.outlines import paint_outlines
from designer.data.patches import patch_box
from designer.data.pixel_server import Answer, PixelServer, taken
from designer.data.slices import Picture
from designer.data.viewer import windows_of
from designer.data.windowing import CT_WINDOWS, Window, grey
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_maps import CaseMaps
from designer.evaluation.contours import Contours
from designer.evaluation.grids import grid_box, time_box
from runtime.data.catalogue import Sample

SIDE = 160
_KEPT = 400
_STRENGTH = 0.7  # of a map over its picture
_AT_ONCE = 2  # questions under way: what is looked at now comes soon


@dataclass(frozen=True, slots=True)
class _Small:
    """A picture of few pixels in real values, and what is known of the whole one."""

    picture: Picture
    size: tuple[int, int]  # rows and columns of the whole picture
    slice: tuple[int, int]  # of a volume: which slice, and of how many


class CasePictures(QObject):
    """Pictures of cases by their index; `came` when one is there, or why it is not."""

    came = Signal(int)

    def __init__(
        self,
        server: PixelServer,
        files: CaseFiles,
        contours: Contours,
        maps: CaseMaps | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._server, self._files, self.contours = server, files, contours
        self.maps = maps if maps is not None else CaseMaps(files, self)
        self.window = ""  # the name of a window; "" for the file's own, or an automatic one
        self._kept: OrderedDict[int, _Small | str] = OrderedDict()
        self._made: dict[int, QImage] = {}
        self._asked: dict[int, int] = {}  # case -> number of the question
        self._wanted: list[int] = []
        contours.came.connect(self._on_more)
        self.maps.came.connect(self._on_more)

    def forget(self) -> None:
        """Other cases come."""
        self._server.forget(list(self._asked.values()))
        for held in (self._kept, self._made, self._asked, self._wanted):
            held.clear()

    def use_window(self, name: str) -> None:
        """Other greys for all pictures."""
        self.window = name
        self._made.clear()

    def use_map(self, method: str) -> None:
        """Maps of this method over all pictures; "" for none."""
        self.maps.use(method)
        self._made.clear()

    def want(self, cases: Sequence[int]) -> None:
        """These are seen now; what was wanted before and has not begun is not."""
        self._wanted = [case for case in cases if case not in self._kept and case not in self._asked]
        self.contours.want(cases)
        self.maps.want(cases)
        self._ask_more()

    def image(self, case: int) -> QImage | None:
        """A picture, at most SIDE pixels wide and high; None while it is not there."""
        held = self._kept.get(case)
        if not isinstance(held, _Small):
            return None
        self._kept.move_to_end(case)
        if case not in self._made:
            self._made[case] = self._drawn(case, held)
        return self._made[case]

    def fault(self, case: int) -> str:
        """Why there is no picture; "" when there is, or will be."""
        held = self._kept.get(case)
        return held if isinstance(held, str) else ""

    def _ask_more(self) -> None:
        while self._wanted and len(self._asked) < _AT_ONCE:
            case = self._wanted.pop(0)
            shown = self._files.shown(case)
            if shown is None:
                continue
            ref = shown.refs[min(shown.at, len(shown.refs) - 1)]
            request: dict[str, Any] = {"ask": "picture", "path": str(ref.path), "kind": ref.kind, "frame": ref.frame}
            request |= {"plane": "axial", "index": shown.begins if shown.begins >= 0 else ref.index}
            self._asked[case] = self._server.ask(request, partial(self._on_answer, case))

    def _on_answer(self, case: int, answer: Answer) -> None:
        self._asked.pop(case, None)
        self._kept[case] = (
            self._files.book.names.hidden_in(str(answer["error"])) if "error" in answer
            else _small(answer, self._files.point_of(case))
        )  # fmt: skip
        while len(self._kept) > _KEPT:
            self._made.pop(self._kept.popitem(last=False)[0], None)
        self.came.emit(case)
        self._ask_more()

    def _on_more(self, case: int) -> None:
        self._made.pop(case, None)
        self.came.emit(case)

    def _drawn(self, case: int, small: _Small) -> QImage:
        picture, values = small.picture, small.picture.values
        if values is None:
            return QImage()
        unit = str(picture.display.get("unit") or "")
        known = windows_of(picture, unit, "automatic", "full")
        window = _named(self.window, known) or next(iter(known.values()))
        size = QSizeF(small.size[1], small.size[0]).scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio)
        how = Qt.TransformationMode.SmoothTransformation
        image = grey(values, window).scaled(size.toSize(), Qt.AspectRatioMode.IgnoreAspectRatio, how)
        before = self._files.resampling_of(case)
        drawn = self.contours.of(case, small.size, small.slice[0], small.slice[1], before)
        heat = self.maps.image(case)
        if drawn or heat is not None:
            image = image.convertToFormat(QImage.Format.Format_RGB32)
            painter, scale = QPainter(image), image.width() / small.size[1]
            if heat is not None:
                self._lay(painter, heat, self._seen(case, small), scale)
            paint_outlines(painter, drawn, QRectF(image.rect()), small.size)
            painter.end()
        return image

    def _seen(self, case: int, small: _Small) -> QRectF:
        """What the network saw of a picture."""
        fits, sides = (*self._files.resampling_of(case), *self.maps.fits), self._files.sides_of(case)
        if len(sides) == 1:
            return time_box(fits, sides[0], small.size)
        return grid_box(fits, small.size, small.slice[1])

    def _lay(self, painter: QPainter, heat: QImage, box: QRectF, scale: float) -> None:
        """A map lies where the network saw the picture."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(_STRENGTH)
        painter.drawImage(
            QRectF(box.left() * scale, box.top() * scale, box.width() * scale, box.height() * scale), heat
        )
        painter.setOpacity(1.0)


def _named(name: str, known: dict[str, Window]) -> Window | None:
    """A window by its name, where it means something for the picture."""
    return known.get(name) if name == "full" or name in CT_WINDOWS else None


def _small(answer: Answer, point: Sample | None) -> _Small:
    """The picture that came; of a patch round a `point` no more than the patch."""
    values: NDArray[np.float32] = taken(answer["image"])
    if point is not None:
        values = _patch_of(values, point)
    if "mask" in answer:
        taken(answer["mask"])  # removes its file
    rows, columns = values.shape[-2:]
    step = max(1, max(rows, columns) // (2 * SIDE))
    low, high, least, most = (float(value) for value in answer["range"])
    few = np.ascontiguousarray(values[:, ::step, ::step])
    slices = int(answer["slices"])
    return _Small(Picture(few, None, answer["display"], (low, high, least, most), slices), (rows, columns),
                  (slices // 2, slices))  # fmt: skip


def _patch_of(values: NDArray[np.float32], point: Sample) -> NDArray[np.float32]:
    """What was cut out of a picture; beyond its border the outermost pixels go on, as the network saw it."""
    box = patch_box(point, *values.shape[-2:])
    rows = round(box.top()) + np.arange(max(1, round(box.height())))
    columns = round(box.left()) + np.arange(max(1, round(box.width())))
    inside = (np.clip(places, 0, side - 1) for places, side in zip((rows, columns), values.shape[-2:], strict=True))
    return values[np.ix_(np.arange(len(values)), *inside)]
