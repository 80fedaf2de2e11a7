"""Boxes as labels: Pascal VOC (one XML file for each image) and COCO (one JSON file for many)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.data.boxes import within
from runtime.data.catalogue import Box, Catalogue, DataError, Found, Skipped
from runtime.data.label_paths import PathIndex, listed, plain_files, shared_folders, stem_of
from runtime.data.label_records import Labelling, no_label_of
from runtime.data.wording import counted, naming

_MOST_BYTES = 512 * 2**20
_HEAD = 65536


@dataclass
class _Drawn:
    """What box files say: boxes by image, the size each file gives for its image, and what is wrong."""

    boxes: dict[str, list[Box]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)  # rows, columns
    twice: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    useless: dict[str, str] = field(default_factory=dict)  # file -> why nothing is taken from it
    unmatched: list[str] = field(default_factory=list)
    odd: dict[str, list[str]] = field(default_factory=dict)  # what is wrong -> boxes, by image

    def of(self, image: str) -> list[Box]:
        """The boxes of an image that a file names; told when another file named it before."""
        if image in self.boxes:
            self.twice.append(image)
        return self.boxes.setdefault(image, [])


def box_files(folder: Path, catalogue: Catalogue, images: Sequence[Found]) -> list[str]:
    """The files that hold boxes of these images: XML files named like images, or else JSON files in COCO's form."""
    stems = {stem_of(item.path.rsplit("/", 1)[-1]).casefold() for item in images}
    likely = (item.path for item in catalogue.skipped if item.path.casefold().endswith((".xml", ".json")))
    names = plain_files(folder, sorted(likely))
    xml = [name for name in names if name.casefold().endswith(".xml")]
    matching = [name for name in xml if stem_of(name.rsplit("/", 1)[-1]).casefold() in stems]
    if any(_begins(folder / name, b"<annotation") for name in matching[:5]):
        return [name for name in xml if _begins(folder / name, b"<annotation")]
    return [
        name for name in names
        if name.casefold().endswith(".json") and _begins(folder / name, b'"images"', b'"annotations"')
    ]  # fmt: skip


def box_labels(folder: Path, files: Sequence[str], images: Sequence[Found], chosen: str) -> Labelling:
    """Reads box files and gives their boxes to the images.

    Edges count from 0 at the image's left and upper border; an image that a file names without boxes has none. Images
    of which no file tells are left out, as are those of another size than their file says. Raises DataError.
    """
    drawn = _Drawn()
    index = PathIndex(folder, (item.path for item in images))
    if files[0].casefold().endswith(".xml"):
        for name in files:
            _read_voc(folder, name, index, drawn)
    else:
        for name in files:
            _read_coco(folder, name, index, drawn)
    return _labelling(files, images, drawn, chosen)


def _labelling(files: Sequence[str], images: Sequence[Found], drawn: _Drawn, chosen: str) -> Labelling:
    where = f"{len(files)} box files" if len(files) > 1 else files[0]
    wrong: dict[str, str] = {}
    boxes: dict[str, tuple[Box, ...]] = {}
    for item in images:
        size = drawn.sizes.get(item.path, item.size[-2:])
        if item.path not in drawn.boxes:
            wrong[item.path] = f"has no boxes in {where}"
        elif len(item.size) != 2 or item.frames > 1:
            wrong[item.path] = "has several slices or frames; boxes are for single images"
        elif size != item.size[-2:]:
            wrong[item.path] = f"has {_by(item.size)} pixels, but its boxes are for {_by(size)}"
        else:
            boxes[item.path] = _sound(item, drawn)
    if not boxes:
        raise DataError(
            f"No box file fits an image: {listed(drawn.unmatched or [f'{path} {why}' for path, why in wrong.items()])}."
        )
    classes = tuple(sorted({box.label for found in boxes.values() for box in found}))
    total = sum(len(found) for found in boxes.values())
    kind = "Pascal VOC" if files[0].casefold().endswith(".xml") else "COCO"
    said = (
        f"Labels are boxes ({kind}, {counted(len(files), 'file')}): {_boxes(total)} in "
        f"{counted(len(boxes), 'image')}; {', '.join(classes)}."
    )
    return Labelling(
        kind="boxes",
        images=[item for item in images if item.path in boxes],
        boxes=boxes,
        classes=classes,
        chosen=chosen,
        said=(said,),
        warnings=tuple(_warnings(drawn, wrong, where)),
        skipped=tuple(Skipped(path, why) for path, why in sorted({**wrong, **drawn.useless}.items())),
        files=tuple(name for name in files if name not in drawn.useless),
    )


def _sound(item: Found, drawn: _Drawn) -> tuple[Box, ...]:
    """The boxes of an image that lie in it; equal ones once."""
    kept: list[Box] = []
    rows, columns = item.size[-2:]
    for box in drawn.boxes[item.path]:
        inside, fault = within(box, rows, columns)
        if inside is not None and inside in kept:
            inside, fault = None, "is there twice"
        if fault:
            edges = ", ".join(f"{edge:g}" for edge in (box.left, box.top, box.right, box.bottom))
            drawn.odd.setdefault(fault, []).append(f"{item.path} ({box.label} {edges})")
        if inside is not None:
            kept.append(inside)
    return tuple(kept)


def _warnings(drawn: _Drawn, wrong: Mapping[str, str], where: str) -> list[str]:
    done = {"reaches beyond the image": "cut off at its border"}
    told = []
    for fault, names in sorted(drawn.odd.items()):
        many = f"1 box {fault}" if len(names) == 1 else f"{len(names)} boxes: each {fault}"
        told.append(f"{many}, and {'is' if len(names) == 1 else 'are'} {done.get(fault, 'not used')}: {listed(names)}.")
    without = [path for path, why in sorted(wrong.items()) if why.startswith("has no boxes")]
    if without:
        told.append(no_label_of(without, where, "box file" if "files" in where else "entry"))
    other = [f"{path} {why}" for path, why in sorted(wrong.items()) if not why.startswith("has no boxes")]
    if other:
        told.append(f"{counted(len(other), 'image')} not used: {listed(other)}.")
    for names, what in (
        (drawn.unmatched, "name no image of the folder"), (drawn.unread, "cannot be used"),
    ):  # fmt: skip
        if names:
            told.append(naming(f"{len(names)} of the box files or entries {what}", listed(names)))
    if drawn.twice:
        names = sorted(set(drawn.twice))
        told.append(
            f"{counted(len(names), 'image')} named by more than one entry; the boxes of all are used: {listed(names)}."
        )
    return told


def _read_voc(folder: Path, name: str, index: PathIndex, drawn: _Drawn) -> None:
    """One XML file: the image is the one named in it, in the same folder tree, else the one named like the file."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        root = parse(folder / name).getroot()
    except (ParseError, DefusedXmlException, OSError, ValueError, LookupError) as error:
        drawn.useless[name] = "cannot be read as a file of boxes"
        drawn.unread.append(f"{name} ({type(error).__name__}: {' '.join(str(error).split())[:120]})")
        return
    named = root.findtext("filename", "").strip()
    found = index.find(stem_of(name.rsplit("/", 1)[-1])) or index.find(named)
    if len(found) != 1:
        drawn.useless[name] = "is a file of boxes that names no image of the folder"
        drawn.unmatched.append(f"{name} ({named})" if named else name)
        return
    rows, columns = (_number(root.findtext(f"size/{side}")) for side in ("height", "width"))
    if rows and columns:
        drawn.sizes[found[0]] = (int(rows), int(columns))
    boxes = drawn.of(found[0])
    for item in root.iter("object"):
        label = (item.findtext("name") or "").strip()
        edges = [_number(item.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")]
        _add(boxes, label, edges, found[0], drawn)


def _read_coco(folder: Path, name: str, index: PathIndex, drawn: _Drawn) -> None:
    said = _json(folder / name, name)
    names = {item.get("id"): str(item.get("name", "")) for item in _records(said, "categories")}
    entries = _records(said, "images")
    shared = shared_folders([str(entry.get("file_name", "")) for entry in entries])
    places: dict[Any, str] = {}
    for entry in entries:
        file = str(entry.get("file_name", ""))
        found = index.find(file, shared)
        if len(found) != 1:
            drawn.unmatched.append(file or f"image {entry.get('id')}")
            continue
        places[entry.get("id")] = found[0]
        drawn.of(found[0])
        rows, columns = _number(entry.get("height")), _number(entry.get("width"))
        if rows and columns:
            drawn.sizes[found[0]] = (int(rows), int(columns))
    known = {entry.get("id") for entry in entries}
    for item in _records(said, "annotations"):
        place = places.get(item.get("image_id"))
        if place is None:
            if item.get("image_id") not in known:
                drawn.odd.setdefault("belongs to no image that the file lists", []).append(f"{name} {item.get('id')}")
            continue
        raw = item.get("bbox")
        left, top, wide, high = [*map(_number, raw), *[None] * 4][:4] if isinstance(raw, list) else [None] * 4
        ends = (
            None if left is None or wide is None else left + wide,
            None if top is None or high is None else top + high,
        )
        _add(drawn.boxes[place], names.get(item.get("category_id"), ""), [left, top, *ends], place, drawn)


def _add(boxes: list[Box], label: str, edges: Sequence[float | None], image: str, drawn: _Drawn) -> None:
    if not label:
        drawn.odd.setdefault("names no class that is known", []).append(image)
    elif None in edges:
        drawn.odd.setdefault("has edges that are no numbers", []).append(image)
    else:
        left, top, right, bottom = (edge for edge in edges if edge is not None)
        boxes.append(Box(label, left, top, right, bottom))


def _json(path: Path, name: str) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{name} has {path.stat().st_size // 2**20} MiB, which is too much for a file of boxes.")
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{name} cannot be read as JSON: {error}.") from error
    if not isinstance(said, dict):
        raise DataError(f"{name} is no COCO file: it holds no object with images and annotations.")
    return said


def _records(said: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = said.get(key, [])
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _boxes(count: int) -> str:
    return "1 box" if count == 1 else f"{count} boxes"


def _by(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))


def _begins(path: Path, *words: bytes) -> bool:
    """Whether any of the words stands at the beginning or the end of a file."""
    try:
        with path.open("rb") as file:
            ends = file.read(_HEAD)
            file.seek(max(file.seek(0, 2) - _HEAD, 0))
            ends += file.read()
    except OSError:
        return False
    return any(word in ends for word in words)
