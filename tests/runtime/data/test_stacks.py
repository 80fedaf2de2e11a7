"""A series is divided into stacks with a verdict each, whatever its files are called and in whatever order they are."""

import random
import shutil

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from runtime.data.facts_rows import from_row, to_row
from runtime.data.judge import judge
from runtime.data.patient_tree import tree_of
from runtime.data.scan import scan
from runtime.data.series import series_of
from runtime.data.twins import compare
from tests.builders.dicom import dicom, enhanced, gradient

SAGITTAL = (0, 1, 0, 0, 0, -1)


def put(folder, places, start=0, **options):
    """One file for each place (mm along z), named out of order."""
    for index, place in enumerate(places):
        number = start + index + 1
        name = f"{start}-{index * 7 % 11:02}.dcm"
        dicom(folder / name, gradient() + number, position=(0, 0, place), **{"instance": number, **options})


def only(folder):
    """The one series of a folder."""
    (series,) = scan(folder).series
    return series


def shown(series):
    """Names and sizes of the stacks."""
    return [(stack.name, len(stack.slices)) for stack in series.stacks]


@pytest.mark.parametrize(
    ("keyword", "values", "word"),
    [
        ("EchoTime", (4.5, 20), "echo time"),
        ("AcquisitionNumber", (1, 2), "acquisition"),
        ("TemporalPositionIdentifier", (1, 2), "temporal position"),
        ("TriggerTime", (0, 350), "trigger time"),
        ("DiffusionBValue", (0.0, 1000.0), "b-value"),
        ("ImageType", (["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]), "kind"),
    ],
)
def test_that_images_at_the_same_places_are_told_apart_by_what_they_say(tmp_path, keyword, values, word):
    for start, value in enumerate(values):
        put(tmp_path, [0, 2, 4], start * 10, **{keyword: value})
    series = only(tmp_path)
    assert [len(stack.slices) for stack in series.stacks] == [3, 3]
    assert all(word in stack.name for stack in series.stacks)
    assert all(stack.no_volume == "" and stack.spacing_mm == (2, 1, 1) for stack in series.stacks)
    assert series.verdict == "note"


def test_that_the_instance_numbers_tell_apart_only_what_nothing_else_does_and_say_so(tmp_path):
    put(tmp_path, [0, 2, 4])
    put(tmp_path, [0, 2, 4], 10)
    series = only(tmp_path)
    assert shown(series) == [("set 1 of 2", 3), ("set 2 of 2", 3)]
    assert all("instance numbers alone" in stack.reason for stack in series.stacks)


def test_that_images_that_nothing_tells_apart_make_no_volume(tmp_path):
    put(tmp_path, [0, 2, 4])
    put(tmp_path, [0, 2], 10)
    (stack,) = only(tmp_path).stacks
    assert "told apart by nothing" in stack.no_volume
    assert (stack.verdict, stack.ordered) == ("note", False)


def test_that_moments_at_one_place_stay_one_stack_in_order_of_time(tmp_path):
    for index in range(4):
        name = f"{index * 3 % 4}.dcm"
        dicom(tmp_path / name, gradient() + index, position=(0, 0, 0), instance=9 - index, TriggerTime=index * 40)
    (stack,) = only(tmp_path).stacks
    assert "share a place" in stack.no_volume
    times = [float(dcmread(tmp_path / place.path).TriggerTime) for place in stack.slices]
    assert times == [0, 40, 80, 120]


def test_that_orientations_sizes_and_spacings_are_separate_stacks(tmp_path):
    put(tmp_path, [0, 2, 4])
    for index in range(2):
        dicom(tmp_path / f"s{index}", gradient(), position=(index * 3, 0, 0), orientation=SAGITTAL)
    dicom(tmp_path / "small", gradient(4, 4), position=(0, 0, 9))
    dicom(tmp_path / "fine", gradient(), position=(0, 0, 9), spacing=(0.5, 0.5))
    series = only(tmp_path)
    assert sorted(len(stack.slices) for stack in series.stacks) == [1, 1, 2, 3]
    problems = " ".join(series.problems)
    assert "mixes orientations" in problems
    assert "mixes 2 image sizes" in problems
    assert "mixes 2 pixel spacings" in problems
    assert series.stacks[0].spacing_mm == (2, 1, 1)


def test_that_directions_that_differ_by_rounding_are_one_orientation(tmp_path):
    for index in range(4):
        near = (1, index * 2e-4, 0, -index * 2e-4, 1, 0)
        dicom(tmp_path / str(index), gradient() + index, position=(0, 0, index * 2.0), orientation=near)
    assert len(only(tmp_path).stacks) == 1


def test_that_a_frame_of_reference_for_every_file_divides_nothing(tmp_path):
    for index in range(3):
        dicom(
            tmp_path / str(index), gradient() + index, position=(0, 0, index * 2.0), FrameOfReferenceUID=f"1.2.{index}"
        )
    assert only(tmp_path).stacks[0].no_volume == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ORIGINAL", "PRIMARY", "LOCALIZER"], "localizer"),
        (["DERIVED", "SECONDARY", "SCREEN SAVE"], "screen"),
        (["DERIVED", "SECONDARY", "PROJECTION IMAGE", "MIP"], "MIP"),
    ],
)
def test_that_scouts_screens_and_projections_beside_images_are_excluded_and_listed(tmp_path, words, said):
    put(tmp_path, [0, 2, 4], ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], slope=1, intercept=0)
    dicom(tmp_path / "scout", gradient() * 2, position=(0, 0, 2), ImageType=words)
    catalogue = scan(tmp_path)
    (series,) = catalogue.series
    assert [stack.verdict for stack in series.stacks] == ["use", "excluded"]
    assert series.stacks[0].spacing_mm == (2, 1, 1)
    (left,) = catalogue.skipped
    assert (left.path, left.image) == ("scout", True)
    assert said in left.reason
    assert catalogue.files == 4 == len(catalogue.found) + len(catalogue.skipped)


def test_that_scouts_alone_are_used_with_a_note(tmp_path):
    dicom(tmp_path / "scout", gradient(), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    catalogue = scan(tmp_path)
    assert len(catalogue.found) == 1
    assert catalogue.series[0].verdict == "note"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"patient": "P2"}, "another patient"),
        ({"position": (0, 0, 9)}, "another place"),
        ({}, "other pixels"),
    ],
)
def test_that_one_number_for_two_different_images_is_refused_naming_both(tmp_path, other, words):
    dicom(tmp_path / "a", gradient(), SOPInstanceUID="1.2.9", position=(0, 0, 0))
    dicom(tmp_path / "b", gradient() + 1, SOPInstanceUID="1.2.9", **{"position": (0, 0, 0), **other})
    dicom(tmp_path / "c", gradient(), position=(0, 0, 2))
    catalogue = scan(tmp_path)
    assert [item.path for item in catalogue.found] == ["c"]
    assert {item.path for item in catalogue.skipped} == {"a", "b"}
    assert all(words in item.reason and "a and b" in item.reason for item in catalogue.skipped)


def test_that_an_image_in_two_codings_is_told_and_makes_no_volume(tmp_path):
    put(tmp_path, [0, 2, 4])
    path = dicom(tmp_path / "again", gradient(), position=(0, 0, 0), syntax="1.2.840.10008.1.2")
    source = dcmread(next(path for path in tmp_path.glob("0-*") if dcmread(path).ImagePositionPatient[2] == 0))
    again = dcmread(path)
    again.SOPInstanceUID = source.SOPInstanceUID
    again.save_as(path)
    series = only(tmp_path)
    assert "a second time in another coding" in " ".join(series.problems)
    assert series.stacks[0].no_volume


def test_that_numbers_are_used_where_no_place_is_known_and_no_volume_is_made(tmp_path):
    for index in range(3):
        dicom(tmp_path / f"{5 - index}", gradient() + index, instance=index + 1)
    (stack,) = only(tmp_path).stacks
    assert [place.path for place in stack.slices] == ["5", "4", "3"]
    assert "instance numbers" in stack.reason
    assert "do not say where they lie" in stack.no_volume
    assert stack.spacing_mm is None


def test_that_uneven_steps_within_the_tolerance_are_even_and_beyond_it_are_told(tmp_path):
    put(tmp_path / "a", [0, 2.009, 4, 6])
    put(tmp_path / "b", [0, 2.05, 4, 6], series="1.2.3.9")
    (even,), (uneven,) = (row.stacks for row in scan(tmp_path).series)
    assert even.no_volume == ""
    assert "unevenly" in uneven.no_volume
    assert (uneven.uneven, uneven.ordered) == (True, True)


def test_that_two_slices_make_a_volume_and_one_does_not(tmp_path):
    put(tmp_path / "a", [0, 3])
    put(tmp_path / "b", [0], series="1.2.3.9")
    two, one = (row.stacks[0] for row in scan(tmp_path).series)
    assert two.no_volume == ""
    assert "single" in one.no_volume


def test_that_frames_of_an_enhanced_object_are_told_apart_by_their_stack(tmp_path):
    path = enhanced(tmp_path / "a.dcm", np.zeros((4, 4, 4), np.uint16), [(1, 0)] * 4)
    dataset = dcmread(path)
    for index, group in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        content = Dataset()
        content.StackID, content.InStackPositionNumber = str(index % 2), index // 2 + 1
        group.FrameContentSequence = Sequence([content])
        group.PlanePositionSequence[0].ImagePositionPatient = [0, 0, index // 2 * 3]
    dataset.save_as(path)
    series = only(tmp_path)
    assert shown(series) == [("stack 0", 2), ("stack 1", 2)]
    assert [[place.frame for place in stack.slices] for stack in series.stacks] == [[0, 2], [1, 3]]
    assert series.stacks[0].spacing_mm == (3, 0.5, 0.5)


def test_that_frames_in_time_are_no_slices(tmp_path):
    stored = np.zeros((5, 4, 4), np.uint8)
    dicom(tmp_path / "cine", stored, position=(0, 0, 0), FrameIncrementPointer=0x00181063, FrameTime=40)
    (stack,) = only(tmp_path).stacks
    assert [place.frame for place in stack.slices] == [0, 1, 2, 3, 4]
    assert "share a place" in stack.no_volume or "in time" in stack.no_volume


def test_that_patients_studies_and_series_make_a_tree(tmp_path):
    put(tmp_path / "a", [0, 2])
    put(tmp_path / "b", [0, 2], patient="P0", series="1.2.3.8")
    put(tmp_path / "c", [0, 2], series="1.2.3.9")
    tree = tree_of(scan(tmp_path))
    assert [patient.name for patient in tree] == ["P0", "P1"]
    assert [[row.uid for row in study.series] for study in tree[1].studies] == [["1.2.3.1", "1.2.3.9"]]


@pytest.mark.parametrize("seed", range(6))
def test_that_neither_names_nor_numbers_nor_order_change_the_volumes(tmp_path, seed):
    chance = random.Random(seed)
    step, count = chance.choice([0.7, 2.5, 5.0]), chance.randrange(3, 9)
    straight, mixed = tmp_path / "a", tmp_path / "b"
    names = chance.sample(range(1000), count)
    for index in range(count):
        place = (3.0, -index * step, 1.0)
        options = {"position": place, "orientation": (1, 0, 0, 0, 0, -1), "SOPInstanceUID": f"1.2.{index}"}
        dicom(straight / f"{index:03}", gradient() + index, instance=index, **options)
        dicom(mixed / f"{names[index]:03}", gradient() + index, instance=chance.randrange(50), **options)
    one, other = only(straight).stacks[0], only(mixed).stacks[0]
    assert (one.spacing_mm, one.no_volume, one.pose) == (other.spacing_mm, other.no_volume, other.pose)
    pixels = [
        [dcmread(folder / place.path).pixel_array[0, 0] for place in stack.slices]
        for folder, stack in ((straight, one), (mixed, other))
    ]
    assert pixels[0] == pixels[1]


@pytest.mark.parametrize("seed", range(6))
def test_that_permuting_what_was_read_changes_nothing(real_data, seed):
    folder = real_data / "dicom_zoo"
    paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    facts = [fact for path in paths[seed::3] if hasattr(fact := judge(folder, path), "found")]
    mixed = random.Random(seed).sample(facts, len(facts))
    assert series_of(compare(folder, facts)) == series_of(compare(folder, mixed))


@pytest.mark.parametrize("seed", range(8))
def test_that_the_counts_add_up_for_any_mixture_of_real_files(real_data, tmp_path, seed):
    chance = random.Random(seed)
    files = [path for path in sorted((real_data / "dicom_zoo").rglob("*")) if path.is_file()]
    for index, path in enumerate(chance.choices(files, k=60)):
        shutil.copy(path, tmp_path / f"{index}{chance.choice(['', '.dcm', '.txt'])}")
    catalogue = scan(tmp_path)
    assert catalogue.files == 60 == len(catalogue.found) + len(catalogue.skipped)
    used = [
        place
        for row in catalogue.series
        for stack in row.stacks
        if stack.verdict != "excluded"
        for place in stack.slices
    ]
    assert sorted({place.path for place in used}) == [item.path for item in catalogue.found]
    assert (
        len({(place.path, place.frame) for place in used}) == len(used) == sum(item.frames for item in catalogue.found)
    )


def test_that_what_was_read_survives_the_way_through_a_row(real_data):
    folder = real_data / "dicom_zoo"
    judged = [judge(folder, path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file()]
    assert [from_row(to_row(item)) for item in judged] == judged
