"""Boxes as labels: Pascal VOC and COCO files, what is wrong in them, and how they follow their image."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from runtime.data.boxes import NO_BOX, boxes_array
from runtime.data.catalogue import Box, DataError, DataSet, Sample
from runtime.data.labels import read_dataset
from runtime.modules.fit import Fit


def picture(path: Path, rows: int = 40, columns: int = 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((rows, columns), 7, np.uint8)).save(path)
    return path


def voc(path: Path, *boxes: tuple[str, float, float, float, float], size: tuple[int, int] = (40, 60)) -> Path:
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox>"
        "</object>"
        for name, a, b, c, d in boxes
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"<annotation><size><width>{size[1]}</width><height>{size[0]}</height></size>"
    path.write_text(f"{head}{objects}</annotation>")
    return path


def coco(path: Path, images: list[dict], annotations: list[dict]) -> None:
    categories = [{"id": 3, "name": "nodule"}, {"id": 5, "name": "mass"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))


def texts(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


def test_that_voc_files_give_their_boxes_and_a_file_without_objects_none(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        picture(tmp_path / "images" / f"{name}.png")
    voc(tmp_path / "xml" / "a.xml", ("mass", 1, 2, 30, 20), ("nodule", 5, 5, 8, 9))
    voc(tmp_path / "xml" / "b.xml")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes, dataset.most_boxes) == ("boxes", ("mass", "nodule"), 2)
    assert [sample.boxes for sample in dataset.samples] == [
        (Box("mass", 1, 2, 30, 20), Box("nodule", 5, 5, 8, 9)), (),
    ]  # fmt: skip
    assert dataset.counts() == {"mass": 1, "nodule": 1}
    assert "1 image has no box file in 2 box files and is not used: images/c.png" in texts(dataset)


def test_that_boxes_outside_without_area_or_twice_are_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    whole = ("mass", 1, 2, 30, 20)
    voc(tmp_path / "a.xml", whole, whole, ("mass", 3, 3, 3, 9), ("mass", 70, 1, 80, 5), ("mass", 50, 30, 65, 44))
    dataset = read_dataset(tmp_path)
    assert dataset.samples[0].boxes == (Box("mass", 1, 2, 30, 20), Box("mass", 50, 30, 60, 40))
    for fault in ("has no area", "lies outside the image", "is there twice", "reaches beyond the image"):
        assert f"1 box {fault}" in texts(dataset)


def test_that_an_image_of_another_size_than_its_boxes_say_is_left_out_with_both_sizes(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png")
    voc(tmp_path / "a.xml", ("mass", 1, 2, 30, 20))
    voc(tmp_path / "b.xml", ("mass", 1, 2, 30, 20), size=(80, 120))
    dataset = read_dataset(tmp_path)
    assert [sample.path for sample in dataset.samples] == ["a.png"]
    assert "b.png has 40 x 60 pixels, but its boxes are for 80 x 120" in texts(dataset)


def test_that_xml_with_entities_is_refused_and_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png")
    voc(tmp_path / "a.xml", ("mass", 1, 2, 30, 20))
    bomb = '<!DOCTYPE x [<!ENTITY e "mass">]><annotation><object><name>&e;</name></object></annotation>'
    (tmp_path / "b.xml").write_text(bomb)
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 1
    assert "cannot be used: b.xml (EntitiesForbidden" in texts(dataset)


def test_that_coco_gives_boxes_by_file_name_and_tells_what_belongs_nowhere(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        picture(tmp_path / f"{name}.png")
    images = [{"id": 1, "file_name": "a.png", "width": 60, "height": 40}, {"id": 2, "file_name": "b.png"},
              {"id": 9, "file_name": "gone.png"}]  # fmt: skip
    marks = [
        {"id": 1, "image_id": 1, "category_id": 3, "bbox": [2, 3, 10, 5]},
        {"id": 2, "image_id": 1, "category_id": 77, "bbox": [2, 3, 10, 5]},
        {"id": 3, "image_id": 4, "category_id": 3, "bbox": [2, 3, 10, 5]},
        {"id": 4, "image_id": 1, "category_id": 5, "bbox": ["x", 3, 10, 5]},
    ]
    coco(tmp_path / "instances.json", images, marks)
    dataset = read_dataset(tmp_path)
    assert [sample.boxes for sample in dataset.samples] == [(Box("nodule", 2, 3, 12, 8),), ()]
    said = texts(dataset)
    assert "1 of the box files or entries name no image of the folder: gone.png" in said
    assert "1 box names no class that is known" in said
    assert "1 box belongs to no image that the file lists" in said
    assert "1 box has edges that are no numbers" in said
    assert "1 image has no entry in instances.json and is not used: c.png" in said


def test_that_a_damaged_coco_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "boxes.json").write_text('{"images": [], "annotations"')
    with pytest.raises(DataError, match=r"boxes\.json cannot be read as JSON"):
        read_dataset(tmp_path)


def one(boxes: tuple[Box, ...], rows: int, columns: int) -> DataSet:
    sample = Sample("a.png", 0, 1, (rows, columns), "a.png", boxes=boxes)
    return DataSet("/d", "image", (sample,), "boxes", ("dot",), 1, (rows, columns), "f")


@pytest.mark.parametrize("rule", ["stretch", "pad", "crop"])
def test_that_boxes_move_with_the_image_when_it_is_fitted(rule: str) -> None:
    rows, columns = 40, 80
    image = torch.zeros(1, 1, rows, columns)
    image[..., 12:28, 36:52] = 1
    fitted = Fit((32, 32), rule)(image)[0, 0]  # type: ignore[arg-type]
    (box,) = boxes_array(one((Box("dot", 36, 12, 52, 28),), rows, columns), ("dot",), (32, 32), rule)[0]
    covered = (fitted > 0.5).nonzero()
    assert box[0] == 0
    assert np.abs(box[1:] - [covered[:, 1].min(), covered[:, 0].min(), covered[:, 1].max() + 1,
                             covered[:, 0].max() + 1]).max() <= 0.75  # fmt: skip


def test_that_a_box_that_is_cropped_away_is_filled_up() -> None:
    made = boxes_array(one((Box("dot", 0, 0, 10, 10), Box("dot", 36, 10, 44, 20)), 40, 80), ("dot",), (40, 40), "crop")
    assert made.shape == (1, 2, 5)
    assert made[0, 0].tolist() == [0, 16, 10, 24, 20]
    assert made[0, 1, 0] == NO_BOX


def test_that_the_real_boxes_of_blood_cells_are_read(real_data: Path) -> None:
    dataset = read_dataset(real_data / "detection" / "bccd")
    assert (len(dataset.samples), dataset.label, dataset.classes) == (80, "boxes", ("Platelets", "RBC", "WBC"))
    assert sum(dataset.counts().values()) == 1092
    assert "1 box has no area, and is not used: JPEGImages/BloodImage_00343.jpg" in texts(dataset)
