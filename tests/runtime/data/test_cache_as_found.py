"""Files of a folder decoded once: the same pixels from the cache, and nothing taken from it that is not the file's."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime.data import cache_as_found, cache_files
from runtime.data.cache import load_images
from runtime.data.cache_as_found import Stored, decoded_as_found
from runtime.data.cache_images import sums_of
from runtime.data.cache_rows import plain_codes, row_codes
from runtime.data.catalogue import DataSet, Sample
from runtime.data.labels import read_dataset
from runtime.data.pool import Decoded, decode
from runtime.data.scan import scan
from tests.builders.dicom import dicom


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(place, kind, name, seed):
    pixels = np.random.default_rng(seed).integers(0, 4000, (12, 10)).astype(np.uint16)
    if kind == "dcm":
        dicom(place / f"{name}.dcm", pixels, instance=seed + 1)
    else:
        Image.fromarray((pixels >> 4).astype(np.uint8)).save(place / f"{name}.png")


@pytest.fixture(params=["dcm", "png"])
def kind(request):
    return request.param


@pytest.fixture
def folder(tmp_path, kind):
    place = tmp_path / "images"
    place.mkdir()
    for number in range(18):
        write(place, kind, f"{number:02}", number)
    Image.fromarray(np.full((5, 5), 7, np.uint8)).save(place / "other.png")  # of another form
    return place


def given(folder, **more):
    found = scan(folder).found
    return [
        answer.decoded() if isinstance(answer, Stored) else answer
        for answer in decoded_as_found(Path(folder), found, **more)
    ]


def same(one, other):
    return [type(answer) for answer in one] == [type(answer) for answer in other] and all(
        np.array_equal(a.array, b.array) if isinstance(a, Decoded) else a.reason == b.reason
        for a, b in zip(one, other, strict=True)
    )


def asked(monkeypatch):
    """The names of the files that are decoded from now on."""
    names = []

    def spied(requests, **more):
        names.extend(request.path.name for request in requests)
        return decode(requests, **more)

    monkeypatch.setattr(cache_as_found, "decode", spied)
    return names


def test_that_the_second_time_only_files_of_another_form_are_decoded(folder, cache, monkeypatch):
    first, names = given(folder), asked(monkeypatch)
    assert same(given(folder), first)
    assert names == ["other.png"]


@pytest.mark.slow
def test_that_a_changed_or_new_file_is_decoded_and_all_others_are_not(folder, kind, cache, monkeypatch):
    given(folder)
    write(folder, kind, "04", 40)
    write(folder, kind, "new", 41)
    names = asked(monkeypatch)
    now = given(folder)
    assert set(names) == {f"04.{kind}", f"new.{kind}", "other.png"}
    plain = given(folder, keep=False)
    assert same(now, plain)
    assert same(given(folder), plain)


def test_that_a_broken_file_is_tried_each_time_and_tells_the_same(folder, cache):
    path = next(path for path in sorted(folder.iterdir()) if path.stem == "02")
    path.write_bytes(path.read_bytes()[:-90])
    found = [given(folder), given(folder), given(folder, keep=False)]
    assert same(found[0], found[2])
    assert same(found[1], found[2])


def test_that_nothing_is_kept_of_a_folder_that_was_not_read_to_its_end_or_not_to_be_kept(folder, cache):
    answers = decoded_as_found(folder, scan(folder).found)
    next(answers)
    answers.close()
    given(folder, keep=False)
    assert not list(cache.glob("*.json"))
    assert not list(cache.glob("*.part"))


@pytest.mark.slow
def test_that_a_row_that_is_damaged_on_the_disk_is_decoded_and_all_are_kept_anew(folder, kind, cache, monkeypatch):
    plain = given(folder)
    (images,) = cache.glob("*.images")
    content = bytearray(images.read_bytes())
    content[7 * (len(content) // 18) + 5] ^= 1
    images.write_bytes(content)
    names = asked(monkeypatch)
    assert same(given(folder), plain)
    assert set(names) == {f"07.{kind}", "other.png"}
    assert same(given(folder), plain)
    assert len(names) == 2 + 19
    names.clear()
    assert same(given(folder), plain)
    assert names == ["other.png"]


@pytest.mark.slow
def test_that_an_entry_whose_images_are_cut_off_or_that_knows_no_sums_of_its_rows_is_checked_as_a_whole(folder, cache):
    plain = given(folder)
    (said,) = cache.glob("*.json")
    body = cache_files.read_body(said)
    body.pop("sums")  # as an earlier version wrote it
    cache_files.write_body(said, body, ".part")
    assert same(given(folder), plain)
    for change in (lambda content: content[:-64], lambda content: content[:5] + b"?" + content[6:]):
        (images,) = cache.glob("*.images")
        images.write_bytes(change(images.read_bytes()))
        assert same(given(folder), plain)


@pytest.mark.parametrize("change", ["a bit", "two pages changed places", "the last byte", "zeroes"])
def test_that_the_sum_of_a_row_tells_that_it_is_not_what_was_written(change):
    row = np.random.default_rng(0).integers(0, 256, 3 * 4096 + 77, np.uint8)
    other = row.copy()
    match change:
        case "a bit":
            other[5000] ^= 4
        case "two pages changed places":
            other[:8192] = np.concatenate([row[4096:8192], row[:4096]])
        case "the last byte":
            other[-1] ^= 128
        case "zeroes":
            other[4096:8192] = 0
    changed, same, first = sums_of(np.stack([other, row.copy(), row]))
    assert changed != first
    assert same == first == sums_of(row[None])[0]


def test_that_rows_of_plain_frames_have_the_codes_that_a_training_gives_them(folder):
    found = scan(folder).found
    samples = tuple(Sample(item.path, frame, 1, item.size, "") for item in found for frame in range(item.frames))
    dataset = DataSet(str(folder), found[0].kind, samples, "", (), 1, found[0].size, "")
    assert [code for codes in plain_codes(str(folder), found) for code in codes] == row_codes(dataset)


def test_that_a_full_disk_costs_the_keeping_and_no_answer(folder, cache, monkeypatch):
    plain = given(folder, keep=False)

    class Full(cache_files.PackedRows):
        def put(self, index, row):
            if index == 5:
                raise OSError(28, "No space left on device")
            super().put(index, row)

    monkeypatch.setattr(cache_files, "PackedRows", Full)
    assert same(given(folder), plain)
    assert not list(cache.glob("*.json"))
    assert not list(cache.glob("*.part*"))


def test_that_an_entry_that_would_crowd_out_others_is_not_made(folder, cache):
    cache.mkdir()
    (cache / "limit").write_text('{"bytes": 20000}')
    given(folder)
    assert not list(cache.glob("*.images"))


def test_that_a_training_on_images_of_their_own_size_takes_what_a_prediction_kept(tmp_path, cache, monkeypatch):
    for number in range(20):
        place = tmp_path / "classes" / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8), np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.png")
    catalogue = scan(tmp_path / "classes")
    pixels = [answer.array[0] for answer in decoded_as_found(Path(catalogue.folder), catalogue.found)]
    entries = set(cache.glob("*.json"))
    counted = []
    dataset = read_dataset(tmp_path / "classes")
    cached = load_images(
        dataset,
        cache,
        lambda image: image,
        1,
        (8, 8),
        cache_as_found.KEY,
        on_progress=lambda *done: counted.append(done),
    )
    assert set(cache.glob("*.json")) == entries
    assert not counted
    assert np.array_equal(np.stack(pixels), cached.images)
