"""The process that gives the viewer its pixels, asked as the viewer asks it; and what a header says of a picture."""

import json

import numpy as np
import pytest
from PIL import Image

from runtime.cli.pixels import PixelServer
from runtime.data.display import display_of, letters_of
from runtime.data.header_rows import header_rows, tells_who


@pytest.fixture
def ask(tmp_path):
    """Asks one question; gives the answer."""
    into = tmp_path / "arrays"
    into.mkdir()
    server = PixelServer(into)

    def one(**request):
        (answer,) = server.answers([json.dumps({"id": 7, "ask": "picture", **request})])
        assert answer["id"] == 7
        return answer

    yield one
    server.close()


def array(written):
    return np.fromfile(written["file"], written["dtype"]).reshape(written["shape"])


def ct_slices(real_data):
    return sorted((real_data / "dicom_series" / "ct_chest_lidc0314").iterdir())


def test_that_a_ct_slice_comes_in_hounsfield_units_with_its_window_and_sides(ask, real_data):
    answer = ask(path=str(ct_slices(real_data)[0]), kind="dicom")
    values = array(answer["image"])
    assert values.shape == (1, 512, 512)
    assert values.min() <= -900
    display = answer["display"]
    assert display["unit"] == "HU"
    assert display["windows"]
    assert list(display["letters"]) == ["R", "L", "A", "P"]
    assert display["spacing_mm"] == pytest.approx([0.78125, 0.78125])


def test_that_a_volume_is_cut_in_three_planes_and_its_mask_with_it(ask, real_data):
    folder = real_data / "segmentation" / "hippocampus_msd"
    path = min((folder / "images").iterdir())
    sides = {}
    for plane in ("axial", "coronal", "sagittal"):
        mask = str(folder / "labels" / path.name)
        answer = ask(path=str(path), kind="volume", plane=plane, mask=mask, mask_kind="volume")
        assert array(answer["mask"]).shape == array(answer["image"]).shape[1:]
        sides[plane] = (answer["slices"], *array(answer["image"]).shape[1:])
    slices, rows, columns = sides["axial"]
    assert sides["coronal"] == (rows, slices, columns)
    assert sides["sagittal"] == (columns, slices, rows)


def test_that_a_mask_of_another_size_is_told_and_the_picture_shown_all_the_same(ask, tmp_path):
    for name, side in (("image.png", 8), ("mask.png", 6)):
        Image.fromarray(np.zeros((side, side), np.uint8)).save(tmp_path / name)
    answer = ask(path=str(tmp_path / "image.png"), kind="image", mask=str(tmp_path / "mask.png"), mask_kind="image")
    assert "image" in answer
    assert "6×6 pixels, but its image has 8×8" in answer["mask_error"]


def test_that_a_file_that_cannot_be_read_is_answered_with_a_sentence_and_the_next_one_comes(ask, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    Image.fromarray(np.full((4, 4), 9, np.uint8)).save(tmp_path / "whole.png")
    assert "broken.png" in ask(path=str(tmp_path / "broken.png"), kind="image")["error"]
    assert "gone.png" in ask(path=str(tmp_path / "gone.png"), kind="image")["error"]
    assert (array(ask(path=str(tmp_path / "whole.png"), kind="image")["image"]) == 9).all()


@pytest.mark.parametrize(
    ("cosines", "letters"),
    [
        ((1, 0, 0, 0, 1, 0), ("R", "L", "A", "P")),
        ((0, 1, 0, 0, 0, -1), ("A", "P", "H", "F")),
        ((0.8, 0.6, 0, 0, 0, -1), ("RA", "LP", "H", "F")),
        ((), None),
    ],
)
def test_that_letters_follow_from_the_orientation(cosines, letters):
    assert letters_of(cosines) == letters


def test_that_a_picture_without_a_header_has_no_letters_and_no_spacing(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "plain.png")
    display = display_of(tmp_path / "plain.png", "image")
    assert display.letters is None
    assert display.spacing_mm is None


def test_that_identifiers_in_a_header_are_known_as_such(real_data):
    rows = {row.tag: row for row in header_rows(ct_slices(real_data)[0], "dicom")}
    assert rows["(0010,0020)"].identifier
    assert rows["(0020,000E)"].identifier
    assert not rows["(0028,0010)"].identifier
    assert tells_who(0x00091010, "LO")


def test_that_every_file_of_the_zoo_has_a_header_or_a_reason(ask, real_data):
    from runtime.data.scan import scan

    folder = real_data / "dicom_zoo" / "pydicom"
    found = [item for item in scan(folder).found if item.kind == "dicom"][:60]
    answers = [ask(ask="header", path=str(folder / item.path), kind="dicom") for item in found]
    assert all(answer.get("rows") or answer.get("error") for answer in answers)
    assert sum("rows" in answer for answer in answers) > 40
