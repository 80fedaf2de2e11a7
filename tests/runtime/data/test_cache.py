"""Every file is decoded once; the cache is rebuilt whenever it does not fit or is damaged."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime.data.cache import default_cache_folder, load_images
from runtime.data.cache_bound import make_room
from runtime.data.cache_state import cache_state, clear_cache, forget_failures, set_limit
from runtime.data.catalogue import DataError, DataSet, Sample
from runtime.data.faults import Cancelled
from runtime.data.file_stamp import stamp_of
from tests.builders.dicom import dicom, gradient

DAY = 24 * 3600


def data_of(folder, samples, **facts):
    """A data set of 8×8 grey images."""
    return DataSet(
        **{
            "folder": str(folder),
            "kind": "dicom",
            "samples": tuple(samples),
            "label": "class",
            "classes": ("a", "b"),
            "channels": 1,
            "size": (8, 8),
            "fingerprint": "f1",
            **facts,
        }
    )


def sample(path, frame=0, **facts):
    return Sample(path, frame, 1, (8, 8), path, **facts)


def load(dataset, folder, **options):
    """Load without resizing; the cache lies beside the data."""
    plain = {"channels": 1, "size": (8, 8), "key": "same", "workers": 1, "seconds": 20.0}
    return load_images(
        dataset, folder / "cache", fit=lambda image: image, fit_mask=lambda mask: mask, **plain | options
    )


def three(folder):
    for index in range(3):
        dicom(folder / f"{index}.dcm", gradient() + index, intercept=-1000, slope=1)
    return data_of(folder, [sample(f"{index}.dcm") for index in range(3)])


def with_masks(folder, masks, values=(0, 255)):
    samples = []
    for index, mask in enumerate(masks):
        dicom(folder / f"{index}.dcm", gradient())
        Image.fromarray(mask).save(folder / f"{index}.png")
        samples.append(sample(f"{index}.dcm", mask=f"{index}.png"))
    classes = tuple(f"class {value}" for value in values)
    return data_of(folder, samples, label="mask", classes=classes, mask_values=values)


def test_that_real_units_reach_the_cache_in_the_order_of_the_samples(tmp_path):
    cached = load(three(tmp_path), tmp_path)
    assert cached.images.shape == (3, 1, 8, 8)
    assert cached.images.dtype == np.float32
    assert cached.images[:, 0, 0, 0].tolist() == [-1000, -999, -998]
    assert (cached.usable, cached.failed, cached.masks) == ((0, 1, 2), (), None)


def test_that_a_second_load_reads_no_image_file(tmp_path):
    dataset = three(tmp_path)
    before = load(dataset, tmp_path)
    told = []
    after = load(dataset, tmp_path, on_progress=lambda done, total: told.append(done))
    assert np.array_equal(before.images, after.images)
    assert told == []


def test_that_content_that_changes_behind_its_size_and_date_is_decoded_again(tmp_path):
    dataset = three(tmp_path)
    load(dataset, tmp_path)
    path = tmp_path / "0.dcm"
    state = path.stat()
    dicom(path, gradient() + 7, intercept=-1000, slope=1)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (state.st_size, state.st_mtime_ns)
    assert load(dataset, tmp_path).images[:, 0, 0, 0].tolist() == [-993, -999, -998]


@pytest.mark.parametrize("size", [1000, 10**6])
def test_that_pieces_of_a_file_tell_a_change_where_the_system_does_not(size, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(bytes(size))
    os.utime(path, (10**9, 10**9))
    before = stamp_of(path, own_time=False)
    path.write_bytes(bytes(size - 300) + b"x" * 300)
    os.utime(path, (10**9, 10**9))
    after = stamp_of(path, own_time=False)
    assert before[:2] == after[:2]
    assert before != after


@pytest.mark.parametrize("change", [{"key": "other"}, {"channels": 3}])
def test_that_another_fitting_is_another_entry(tmp_path, change):
    dataset = three(tmp_path)
    load(dataset, tmp_path)
    load(dataset, tmp_path, **change)
    assert len(list((tmp_path / "cache").glob("*.json"))) == 2


def test_that_a_changed_data_set_is_decoded_again(tmp_path):
    dataset = three(tmp_path)
    load(dataset, tmp_path)
    dicom(tmp_path / "0.dcm", gradient() + 7)
    assert load(dataset, tmp_path).images[0, 0, 0, 0] == 7


@pytest.mark.parametrize("damage", ["a byte of the images", "cut images", "the json", "no json", "a lie in the json"])
def test_that_a_damaged_entry_is_rebuilt(tmp_path, damage):
    dataset = three(tmp_path)
    before = np.array(load(dataset, tmp_path).images)
    images, said = next((tmp_path / "cache").glob("*.images")), next((tmp_path / "cache").glob("*.json"))
    raw = images.read_bytes()
    match damage:
        case "a byte of the images":
            images.write_bytes(raw[:100] + bytes([raw[100] ^ 1]) + raw[101:])
        case "cut images":
            images.write_bytes(raw[:-4])
        case "the json":
            said.write_text("{")
        case "no json":
            said.unlink()
        case "a lie in the json":
            body = json.loads(said.read_text())
            body["body"]["failed"] = {"0": "made up"}
            said.write_text(json.dumps(body))
    after = load(dataset, tmp_path)
    assert np.array_equal(before, after.images)
    assert after.failed == ()


def test_that_writing_to_what_was_read_leaves_the_cache_as_it_was(tmp_path):
    dataset = three(tmp_path)
    load(dataset, tmp_path).images[0][...] = 5
    assert load(dataset, tmp_path).images[0, 0, 0, 0] == -1000


def test_that_no_unfinished_file_remains(tmp_path):
    load(three(tmp_path), tmp_path)
    assert sorted(path.suffix for path in (tmp_path / "cache").iterdir()) == [".images", ".json"]


def test_that_leftovers_of_a_killed_run_are_swept_away(tmp_path):
    left = tmp_path / "cache" / "key.images.abc.part"
    left.parent.mkdir()
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    load(three(tmp_path), tmp_path)
    assert not left.exists()


def entry(folder, letter, days=0.0, size=1000):
    """The files of an entry that was used so many days ago."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{letter * 64}.{name}" for name in ("images", "masks", "json")]
    for path in files:
        path.write_bytes(b"x" * (size if path.suffix == ".images" else 1))
        os.utime(path, (time.time() - days * DAY,) * 2)
    return files


def letters(folder):
    return sorted({path.name[0] for path in folder.iterdir() if path.name.endswith(".json")})


def test_that_entries_unused_for_a_month_make_way_for_a_new_one(tmp_path):
    old, fresh = entry(tmp_path / "cache", "0", days=31), entry(tmp_path / "cache", "1", days=29)
    other = tmp_path / "cache" / "thesis.images"
    other.write_bytes(b"not of the cache")
    os.utime(other, (0, 0))
    load(three(tmp_path), tmp_path)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in [*fresh, other])


def test_that_a_load_counts_as_use(tmp_path):
    dataset = three(tmp_path)
    load(dataset, tmp_path)
    for path in (tmp_path / "cache").iterdir():
        os.utime(path, (0, 0))
    load(dataset, tmp_path)
    load(dataset, tmp_path, key="another")
    assert len(list((tmp_path / "cache").glob("*.json"))) == 2


def test_that_the_least_recently_used_entries_are_removed_beyond_the_bound(tmp_path):
    for letter, days in zip("0123", (1, 4, 2, 3), strict=True):
        entry(tmp_path, letter, days)
    make_room(tmp_path, "f" * 64, needed=1000, most=3100)
    assert letters(tmp_path) == ["0", "2"]
    make_room(tmp_path, "f" * 64, needed=10**9, most=3100)
    assert letters(tmp_path) == []


def test_that_an_entry_that_is_just_built_elsewhere_stays(tmp_path):
    for letter, days in (("0", 0), ("1", 2)):
        entry(tmp_path, letter, days)[2].unlink()
    make_room(tmp_path, "f" * 64, needed=10**9, most=1)
    assert {path.name[0] for path in tmp_path.iterdir()} == {"0"}


def test_that_the_entry_that_is_written_is_never_removed(tmp_path):
    kept = entry(tmp_path, "f", days=99)
    make_room(tmp_path, "f" * 64, needed=10**9, most=1)
    assert all(path.exists() for path in kept)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may remove every file")
def test_that_an_entry_that_cannot_be_removed_stays_whole(tmp_path):
    kept = entry(tmp_path, "0", days=99)
    tmp_path.chmod(0o500)
    make_room(tmp_path, "f" * 64, needed=1)
    tmp_path.chmod(0o700)
    assert all(path.exists() for path in kept)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not remove a mapped file at all")
def test_that_arrays_in_use_stay_readable_when_their_entry_is_removed(tmp_path):
    cached = load(three(tmp_path), tmp_path)
    make_room(tmp_path / "cache", "f" * 64, needed=10**9, most=1)
    assert list((tmp_path / "cache").iterdir()) == []
    assert cached.images[:, 0, 0, 0].tolist() == [-1000, -999, -998]


def test_that_a_cache_folder_that_cannot_be_written_is_named(tmp_path):
    dataset = three(tmp_path)
    (tmp_path / "cache").write_text("a file, not a folder")
    with pytest.raises(DataError, match=r"cannot be kept in .*cache.*NETLOOM_CACHE"):
        load(dataset, tmp_path)


def test_that_samples_that_cannot_be_read_are_listed_and_remembered(tmp_path):
    dataset = three(tmp_path)
    (tmp_path / "1.dcm").write_bytes(b"damaged")
    for cached in (load(dataset, tmp_path), load(dataset, tmp_path)):
        assert cached.usable == (0, 2)
        assert cached.failed[0].path == "1.dcm"
        assert cached.failed[0].reason.startswith("1.dcm ")
        assert not cached.images[1].any()


def test_that_nothing_readable_is_an_error_with_the_reasons(tmp_path):
    dicom(tmp_path / "a.dcm", gradient(), slope="")
    with pytest.raises(DataError, match=r"The only case in .* could not be read: 1: a.dcm: .*empty RescaleSlope"):
        load(data_of(tmp_path, [sample("a.dcm")]), tmp_path)


def test_that_pixels_that_are_not_numbers_fail_by_name(tmp_path):
    stored = gradient().astype(np.float32)
    dicom(tmp_path / "a.dcm", stored)
    stored[0, 0] = np.inf
    dicom(tmp_path / "b.dcm", stored)
    cached = load(data_of(tmp_path, [sample("a.dcm"), sample("b.dcm")]), tmp_path)
    assert cached.failed[0].reason == "b.dcm holds pixels that are not a number (NaN or infinite)."


def test_that_the_frames_of_a_file_are_samples_of_their_own(tmp_path):
    dicom(tmp_path / "a.dcm", np.stack([gradient(), gradient() + 1, gradient() + 2]))
    cached = load(data_of(tmp_path, [sample("a.dcm", 2), sample("a.dcm", 0)]), tmp_path)
    assert cached.images[:, 0, 0, 0].tolist() == [2, 0]


def test_that_grey_is_repeated_and_colour_turned_to_grey(tmp_path):
    Image.fromarray(np.full((8, 8, 3), (255, 0, 0), np.uint8)).save(tmp_path / "a.png")
    dataset = data_of(tmp_path, [sample("a.png")], kind="image")
    assert load(dataset, tmp_path).images[0, 0, 0, 0] == pytest.approx(0.299 * 255)
    Image.fromarray(gradient(dtype="uint8")).save(tmp_path / "a.png")
    assert load(replace(dataset, fingerprint="f2"), tmp_path, channels=3).images[0, :, 0, 1].tolist() == [1, 1, 1]


def test_that_masks_become_class_indexes(tmp_path):
    mask = np.zeros((8, 8), np.uint8)
    mask[0, 0] = 255
    cached = load(with_masks(tmp_path, [mask]), tmp_path)
    assert cached.masks.dtype == np.uint8
    assert cached.masks[0, 0, :2].tolist() == [1, 0]
    assert cached.masks.max() == 1


def test_that_masks_that_do_not_fit_fail_by_name(tmp_path):
    strange = np.full((8, 8), 7, np.uint8)
    dataset = with_masks(tmp_path, [np.zeros((8, 8), np.uint8), strange, np.zeros((4, 8), np.uint8)])
    cached = load(dataset, tmp_path)
    assert cached.usable == (0,)
    assert "1.png holds the value 7, which no class has; the classes are 0, 255" in cached.failed[0].reason
    assert "2.png has 4×8 pixels, but its image 2.dcm has 8×8" in cached.failed[1].reason


def test_that_a_missing_mask_fails_by_name(tmp_path):
    dataset = with_masks(tmp_path, [np.zeros((8, 8), np.uint8)] * 2)
    (tmp_path / "1.png").unlink()
    assert "mask of 1.dcm cannot be used: 1.png" in load(dataset, tmp_path).failed[0].reason


def test_that_progress_is_told_and_stopping_leaves_nothing_behind(tmp_path):
    dataset, told = three(tmp_path), []
    with pytest.raises(Cancelled):
        load(dataset, tmp_path, cancelled=lambda: True)
    assert list((tmp_path / "cache").iterdir()) == []
    load(dataset, tmp_path, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_that_the_folder_can_be_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path))
    assert default_cache_folder() == tmp_path
    monkeypatch.delenv("NETLOOM_CACHE")
    assert default_cache_folder().is_relative_to(Path.home()) or "XDG_CACHE_HOME" in os.environ


def test_that_real_hearts_and_their_masks_are_cached(real_data, tmp_path):
    root = real_data / "segmentation" / "cardiac_mr_sunnybrook"
    masks = {path.stem: path for path in (root / "SCD0000101" / "masks_lv").iterdir()}
    images = [path for path in sorted((root / "SCD0000101").rglob("*.dcm")) if path.stem in masks][:6]
    samples = [
        Sample(
            path.relative_to(root).as_posix(), 0, 1, (256, 256), "p", mask=masks[path.stem].relative_to(root).as_posix()
        )
        for path in images
    ]
    dataset = data_of(root, samples, label="mask", classes=("background", "ventricle"), mask_values=(0, 255))
    cached = load(dataset, tmp_path, size=(256, 256))
    assert len(cached.usable) == 6
    assert 0.001 < cached.masks.mean() < 0.1


# Rows of older entries, failures, limits


def stored(folder):
    return {path.stem for path in (folder / "cache").glob("*.json")}


def test_that_a_new_label_decodes_nothing_anew(tmp_path):
    dataset = three(tmp_path)
    load(dataset, tmp_path)
    before = stored(tmp_path)
    samples = tuple(replace(one, label="b", patient="p", group="p") for one in dataset.samples)
    load(replace(dataset, samples=samples, fingerprint="f2"), tmp_path)
    assert stored(tmp_path) == before


def test_that_a_case_left_out_and_a_file_added_take_the_other_rows_over(tmp_path):
    dataset = three(tmp_path)
    before = load(dataset, tmp_path)
    dicom(tmp_path / "3.dcm", gradient() + 50)
    samples = (*dataset.samples[:2], sample("3.dcm"))
    decoded = []
    now = load(replace(dataset, samples=samples), tmp_path, on_progress=lambda done, total: decoded.append(total))
    assert np.array_equal(now.images[:2], before.images[:2])
    assert now.images[2, 0, 0, 0] == 50
    assert decoded == [1]


def test_that_rows_of_a_damaged_entry_are_not_taken_over(tmp_path):
    dataset = three(tmp_path)
    load(dataset, tmp_path)
    (images,) = (tmp_path / "cache").glob("*.images")
    with images.open("r+b") as file:
        file.write(b"\xff\xff\xff")
    now = load(replace(dataset, samples=dataset.samples[:2]), tmp_path)
    assert now.images[0, 0, 0, 0] == -1000


def test_that_a_file_that_failed_is_tried_again_when_asked(tmp_path):
    dataset, told = three(tmp_path), []
    dicom(tmp_path / "1.dcm", gradient(), slope="")
    assert [item.path for item in load(dataset, tmp_path).failed] == ["1.dcm"]
    assert cache_state(tmp_path / "cache").failed == 1
    assert forget_failures(tmp_path / "cache") == 1
    again = load(dataset, tmp_path, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]  # what was decoded is not decoded again
    assert [item.path for item in again.failed] == ["1.dcm"]
    assert again.images[0, 0, 0, 0] == -1000
    assert forget_failures(tmp_path / "cache") == 1


def test_that_the_cache_tells_its_size_and_can_be_limited_and_emptied(tmp_path):
    cache = tmp_path / "cache"
    assert (cache_state(cache).bytes, cache_state(cache).limit) == (0, 20 * 2**30)
    load(three(tmp_path), tmp_path)
    state = cache_state(cache)
    assert state.entries == 1
    assert state.bytes == sum(path.stat().st_size for path in cache.iterdir())
    set_limit(cache, 100)
    assert cache_state(cache).limit == 100
    load(three(tmp_path), tmp_path, key="another")
    assert len(stored(tmp_path)) == 1  # the limit removed the older one
    assert clear_cache(cache) > 0
    assert stored(tmp_path) == set()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured where Linux tells it")
def test_that_memory_stays_under_the_budget_over_a_set_that_is_larger(tmp_path):
    """315 MB of pixels under a budget of 96 MB: decoded, written, and read twice in batches."""
    program = tmp_path / "run.py"
    program.write_text(MEASURED, encoding="utf-8")
    (tmp_path / "data").mkdir()
    for number in range(75):
        dicom(
            tmp_path / "data" / f"{number:02}.dcm", np.full((1024, 1024), number, np.uint16), slope=0.5, intercept=0.25
        )
    words = [sys.executable, str(program), str(tmp_path / "data"), str(tmp_path / "cache")]
    environment = {**os.environ, "NETLOOM_MEMORY": "96MB", "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    grown, total = json.loads(done.stdout)
    assert total > 3 * 96e6
    assert grown < 96e6


MEASURED = """
import json, sys
from pathlib import Path
import numpy as np, torch
from runtime.data.batches import Labels, Part
from runtime.data.cache import load_images
from runtime.data.catalogue import DataSet, Sample

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

folder, cache = Path(sys.argv[1]), Path(sys.argv[2])
samples = tuple(Sample(path.name, 0, 1, (1024, 1024), path.name) for path in sorted(folder.glob("*.dcm")))
data = DataSet(str(folder), "dicom", samples, "", (), 1, (1024, 1024), "")
before = kilobytes("VmRSS")
images = load_images(data, cache, lambda image: image, 1, data.size, "same")
part = Part(images, Labels(), tuple(range(len(samples))), torch.device("cpu"))
total = 0
for epoch in range(2):
    for batch in part.batches(2, part.walk(0, epoch)):
        total += float(batch.images.sum() / 2**20)
        del batch
assert total == sum(range(len(samples))) + len(samples) / 2, total
print(json.dumps([(kilobytes("VmHWM") - before) * 1024, images.images.stored.nbytes]))
"""
