"""What sources hand on, and what they say when they cannot."""

import pytest

import nodes  # noqa: F401  registers every type
from nodes.sources import Constant, DicomFolder, ImageFolder, Noise, PlainInput
from nodes.spec import Target, Unfit

SCAN = {"folder": "studies", "channels": 1, "found_size": (512, 512)}


def test_that_a_folder_source_without_a_folder_says_how_to_choose_one():
    with pytest.raises(
        Unfit, match="“DICOM folder” has no folder yet; choose one in the inspector or drop one"
    ) as refused:
        DicomFolder().infer()
    assert refused.value.field == "folder"


def test_that_a_folder_that_was_not_read_is_told():
    with pytest.raises(Unfit, match="was not read yet"):
        ImageFolder(folder="studies").infer()


@pytest.mark.parametrize(
    ("label", "target"),
    [
        ("class", Target("class", (), ("no", "yes"), (3, 4))),
        ("number", Target("number", (1,))),
        ("mask", Target("mask", (512, 512), ("no", "yes"), (3, 4))),
    ],
)
def test_that_only_the_port_of_the_label_found_carries_something(label, target):
    source = DicomFolder(**SCAN, label=label, classes=("no", "yes"), counts=(3, 4))
    assert source.infer() == {"image": (1, 512, 512), label: target}


def test_that_a_folder_without_labels_still_gives_its_images():
    assert ImageFolder(**SCAN).infer() == {"image": (1, 512, 512)}


def test_that_the_size_given_replaces_the_size_found_for_images_and_masks():
    values = DicomFolder(**SCAN, size=(256, 128), label="mask", classes=("a", "b")).infer()
    assert values["image"] == (1, 256, 128)
    assert values["mask"] == Target("mask", (256, 128), ("a", "b"))


@pytest.mark.parametrize(
    ("size", "words"), [((256,), "256 has 1 number, but"), ((4, 5, 6), "4×5×6 has 3 numbers, but")]
)
def test_that_a_size_with_too_few_or_many_numbers_is_refused(size, words):
    with pytest.raises(Unfit, match=f"{words} the folder holds 2-D images of 512×512; give 2"):
        DicomFolder(**SCAN, size=size).infer()


def test_that_a_shape_is_read_as_a_person_writes_it():
    source, wrong = PlainInput.read({"shape": "3×64×48"})
    assert not wrong
    assert source.infer() == {"image": (3, 64, 48)}


@pytest.mark.parametrize("shape", [(), (1, 2, 3, 4, 5)])
@pytest.mark.parametrize("kind", [PlainInput, Noise, Constant])
def test_that_a_shape_of_no_or_too_many_numbers_is_refused(kind, shape):
    with pytest.raises(Unfit, match="one to four fit"):
        kind(shape=shape).infer()


def test_that_each_source_says_how_it_is_fed():
    fed = [kind.feed for kind in (DicomFolder, ImageFolder, PlainInput, Noise, Constant)]
    assert fed == ["data", "data", "given", "noise", "constant"]


def test_that_what_was_learned_is_not_a_setting_to_edit():
    to_edit = {setting.name for setting in DicomFolder.settings() if not setting.learned}
    assert to_edit == {
        "folder", "labels", "patients", "take", "neighbours", "spacing", "size", "fit", "unit", "patch", "patch_unit",
        "hit_radius", "matching",
    }  # fmt: skip
