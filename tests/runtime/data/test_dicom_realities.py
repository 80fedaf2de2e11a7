"""Odd things that DICOM files of hospitals really hold, one test for each that has no other place."""

import gzip
import shutil
import struct
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence

from runtime.data.assembly import mask_of
from runtime.data.dicom import read_frames
from runtime.data.facts import facts_of
from runtime.data.gather import gathered
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from runtime.data.sniff import content_of
from runtime.data.taken import Taken
from runtime.data.twins import compare
from tests.builders.dicom import dicom, gradient
from tests.runtime.data.test_forms import images


def notes(folder):
    """All notes of the files of a folder, in one text."""
    return " | ".join(note for item in scan(folder).found for note in item.notes)


def reasons(folder):
    """Path and reason of each skipped file."""
    return {item.path: item.reason for item in scan(folder).skipped}


def test_that_a_meta_header_without_transfer_syntax_is_understood(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(), syntax="1.2.840.10008.1.2")
    raw = path.read_bytes()
    element = b"\x02\0\x10\0UI\x12\x00" + b"1.2.840.10008.1.2\0"
    assert element in raw
    length = struct.unpack("<I", raw[140:144])[0] - len(element)
    path.write_bytes((raw[:140] + struct.pack("<I", length) + raw[144:]).replace(element, b""))
    (found,) = scan(tmp_path).found
    assert any("does not say how it is encoded" in note for note in found.notes)
    assert np.array_equal(read_frames(path)[0, 0], gradient())


def test_that_frames_beyond_those_counted_are_told(tmp_path):
    dicom(tmp_path / "a.dcm", np.stack([gradient()] * 3), frames=2)
    (found,) = scan(tmp_path).found
    assert found.frames == 2
    assert any("holds 3 frames, but its header counts 2" in note for note in found.notes)


def test_that_one_colour_image_kept_by_pixel_and_by_plane_is_no_contradiction(real_data):
    zoo = real_data / "dicom_zoo" / "pydicom-data"
    facts = [facts_of(zoo, name, content_of(zoo / name)) for name in ("color-pl.dcm", "color-px.dcm")]
    same = [replace(fact, instance_uid="1.2.3") for fact in facts]
    assert not compare(zoo, same).skipped


def test_that_texts_and_pictures_named_as_dicom_are_not_forced(tmp_path):
    (tmp_path / "a.dcm").write_text("patient,label\n1,2\n")
    (tmp_path / "b.dcm").write_bytes(bytes(4000))
    assert set(reasons(tmp_path)) == {"a.dcm", "b.dcm"}


def test_that_the_index_of_a_medium_says_what_is_missing_and_leads_nowhere_else(tmp_path):
    one = dicom(tmp_path / "source" / "1.dcm", gradient(), StudyDate="20200101", StudyTime="120000", StudyID="1",
                AccessionNumber="1", SeriesNumber=1)  # fmt: skip
    two = dicom(tmp_path / "source" / "2.dcm", gradient(), StudyDate="20200101", StudyTime="120000", StudyID="1",
                AccessionNumber="1", SeriesNumber=1, instance=2)  # fmt: skip
    medium = FileSet()
    for path in (one, two):
        medium.add(dcmread(path))
    medium.write(tmp_path / "disc")
    medium._stage["t"].cleanup()  # pydicom leaves it to the end of the interpreter, which warns
    assert scan(tmp_path / "disc").problems == ()
    index = tmp_path / "disc" / "DICOMDIR"
    records = dcmread(index)
    images_ = [record for record in records.DirectoryRecordSequence if record.DirectoryRecordType == "IMAGE"]
    (tmp_path / "disc" / "/".join(images_[0].ReferencedFileID)).unlink()
    with warnings.catch_warnings(action="ignore"):  # pydicom knows that “..” is no name of a file
        images_[1].ReferencedFileID = ["..", "source", "1.dcm"]
        records.save_as(index)
    catalogue = scan(tmp_path / "disc")
    assert "names 2 files that are not there" in catalogue.problems[0]
    assert all(not item.path.startswith("..") for item in catalogue.found)


@pytest.mark.parametrize("magic", [b"MZ\x90\0", b"\x7fELF"])
def test_that_a_preamble_that_is_a_program_is_noted_and_the_image_read(tmp_path, magic):
    path = dicom(tmp_path / "a.dcm", gradient())
    path.write_bytes(magic + path.read_bytes()[4:])
    assert "begins like a program" in notes(tmp_path)
    assert np.array_equal(read_frames(path)[0, 0], gradient())


def test_that_objects_without_images_are_named_by_their_kind(real_data):
    said = " | ".join(reasons(real_data / "dicom_zoo").values())
    for kind in ("SR Storage", "RT Plan", "RT Dose", "Waveform", "Segmentation"):
        assert f"{kind}" in said
    assert "Attribute" not in said


def test_that_a_mosaic_is_refused_in_words(tmp_path):
    dicom(tmp_path / "a.dcm", gradient(), ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    assert "many slices on one sheet" in reasons(tmp_path)["a.dcm"]


def test_that_tiles_of_a_slide_are_told_as_such(real_data):
    found = [item for item in scan(real_data / "dicom_zoo" / "highdicom").found if item.modality == "SM"]
    assert found
    assert all(any("microscope slide" in note for note in item.notes) for item in found)


def test_that_an_icon_is_not_the_image(tmp_path):
    icon = Dataset()
    icon.Rows, icon.Columns, icon.BitsAllocated, icon.PixelData = 2, 2, 8, b"\0\0\0\0"
    icon["PixelData"].VR = "OB"
    path = dicom(tmp_path / "a.dcm", gradient(), IconImageSequence=Sequence([icon]))
    assert read_frames(path).shape == (1, 1, 8, 8)
    alone: FileDataset = dcmread(path)
    del alone.PixelData
    alone.save_as(path)
    assert "without pixel data" in reasons(tmp_path)["a.dcm"]


def test_that_frames_of_an_unnamed_patient_stay_together(tmp_path):
    dicom(tmp_path / "a.dcm", np.zeros((4, 4, 4), np.uint8), patient="")
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 4
    assert len({sample.group for sample in dataset.samples}) == 1


def test_that_each_slice_of_a_volume_keeps_its_own_slope(tmp_path):
    for index, slope in enumerate((1.0, 2.5, 0.25)):
        dicom(
            tmp_path / f"{index}", np.full((4, 4), 8, np.uint16), position=(0, 0, index * 2.0), slope=slope, intercept=0
        )
    (volume,) = images(read_dataset(tmp_path, taken=Taken("volumes")))
    assert volume[0, :, 0, 0].tolist() == [8, 20, 2]


def test_that_signed_and_unsigned_slices_make_one_volume_of_true_numbers(tmp_path):
    dicom(tmp_path / "0", np.full((4, 4), 60000, np.uint16), position=(0, 0, 0), slope=1, intercept=-1024)
    dicom(tmp_path / "1", np.full((4, 4), -1000, np.int16), position=(0, 0, 2), slope=1, intercept=0)
    (volume,) = images(read_dataset(tmp_path, taken=Taken("volumes")))
    assert volume[0, :, 0, 0].tolist() == [58976, -1000]


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({}, "CT image without a rescale"),
        ({"WindowWidth": 0, "WindowCenter": 40}, "narrower than 1"),
        ({"PixelPaddingValue": 0}, "padding value"),
        ({"BurnedInAnnotation": "YES"}, "burned into its pixels"),
        ({"photometric": "MONOCHROME1"}, "bright as low numbers"),
        ({"spacing": None, "ImagerPixelSpacing": [0.2, 0.2]}, "at the detector"),
    ],
)
def test_that_what_one_should_know_of_an_image_is_noted(tmp_path, elements, words):
    dicom(tmp_path / "a.dcm", gradient(), **elements)
    assert words in notes(tmp_path)


def test_that_an_overlay_is_noted_and_not_drawn(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient())
    dataset = dcmread(path)
    dataset.add_new(0x60000010, "US", 8)
    dataset.add_new(0x60000011, "US", 8)
    dataset.add_new(0x60003000, "OW", b"\xff" * 8)
    dataset.save_as(path)
    assert "overlay" in notes(tmp_path)
    assert np.array_equal(read_frames(path)[0, 0], gradient())


def test_that_colours_by_plane_equal_colours_by_pixel(tmp_path):
    stored = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    path = dicom(tmp_path / "a.dcm", stored, photometric="RGB")
    dataset = dcmread(path)
    dataset.PlanarConfiguration = 1
    dataset.PixelData = np.moveaxis(stored, 2, 0).tobytes()
    dataset.save_as(tmp_path / "b.dcm")
    assert np.array_equal(read_frames(path), read_frames(tmp_path / "b.dcm"))


def test_that_an_index_beyond_the_palette_takes_its_last_colour(tmp_path):
    tables = {}
    for colour in ("Red", "Green", "Blue"):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [4, 0, 8]
        tables[f"{colour}PaletteColorLookupTableData"] = bytes([0, 10, 20, 30])
    path = dicom(tmp_path / "a.dcm", np.array([[200, 1]], np.uint8), photometric="PALETTE COLOR", **tables)
    assert read_frames(path)[0, 0].tolist() == [[30, 10]]


def test_that_single_bits_are_unpacked_across_the_borders_of_frames(tmp_path):
    stored = np.random.default_rng(0).integers(0, 2, (3, 3, 3), np.uint8)  # 9 bits a frame: no whole bytes
    path = dicom(tmp_path / "a.dcm", stored)
    dataset = dcmread(path)
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    packed = np.packbits(stored.ravel(), bitorder="little").tobytes()
    dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    dataset.save_as(path)
    assert len(scan(tmp_path).found) == 1
    assert np.array_equal(read_frames(path)[:, 0], stored)


def test_that_loss_and_purpose_of_the_pixels_are_recorded(tmp_path):
    dicom(tmp_path / "a.dcm", gradient(), bits=12, LossyImageCompression="01", PresentationIntentType="FOR PROCESSING",
          Manufacturer="Maker", ManufacturerModelName="One")  # fmt: skip
    (found,) = scan(tmp_path).found
    assert (found.lossy, found.intent, found.bits, found.scanner) == (True, "FOR PROCESSING", 12, "Maker One")


@pytest.mark.parametrize(("units", "spacing"), [(3, (0.4, 0.2)), (4, None)])
def test_that_ultrasound_gives_its_spacing_by_its_region(tmp_path, units, spacing):
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = units
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.04
    dicom(tmp_path / "a.dcm", gradient(), spacing=None, SequenceOfUltrasoundRegions=Sequence([region]))
    assert scan(tmp_path).found[0].spacing_mm == (pytest.approx(spacing) if spacing else None)


def test_that_private_elements_are_neither_read_nor_in_the_way(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient())
    dataset = dcmread(path)
    block = dataset.private_block(0x0011, "SOMEONE", create=True)
    block.add_new(1, "LO", "secret of a maker")
    dataset.save_as(path)
    (found,) = scan(tmp_path).found
    assert "secret" not in repr(found)


def drawn(dataset):
    """Pixels of each value in the masks of all cases."""
    given = gathered(Path(dataset.folder), dataset.samples, lambda _: "dicom", masked=True)
    masks = [mask_of(dataset.samples[files.index], files.masks) for files in given]
    return dict(enumerate(np.bincount(np.concatenate([mask.ravel() for mask in masks])).tolist()))


def test_that_a_segmentation_object_is_the_mask_of_its_slices_and_of_their_volume(real_data, tmp_path):
    source = real_data / "dicom_zoo" / "dcmqi" / "segmentations"
    shutil.copytree(source / "ct-3slice", tmp_path / "ct")
    shutil.copy(source / "liver.dcm", tmp_path)
    slices, volume = read_dataset(tmp_path), read_dataset(tmp_path, taken=Taken("volumes"))
    assert (slices.label, slices.classes, len(slices.samples), len(volume.samples)) == (
        "mask", ("background", "Liver"), 3, 1,
    )  # fmt: skip
    segment = dcmread(source / "liver.dcm").pixel_array
    assert drawn(slices) == drawn(volume) == {0: 3 * 512 * 512 - int(segment.sum()), 1: int(segment.sum())}


def test_that_a_structure_set_is_filled_on_its_image_and_contours_elsewhere_are_told(real_data):
    dataset = read_dataset(real_data / "dicom_zoo" / "dicompyler-rt")
    assert (dataset.label, len(dataset.samples)) == ("mask", 1)
    assert "Heart" in dataset.classes
    assert any("contours of rtss.dcm lie on no slice" in warning for warning in dataset.warnings)
    found = drawn(dataset)
    assert found[dataset.classes.index("BODY")] > 10_000


# what the rows of docs/dicom-cases.md say, shown whole


def test_that_packed_files_of_every_kind_are_named_and_not_opened(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient())
    (tmp_path / "b.dcm.gz").write_bytes(gzip.compress(path.read_bytes()))
    with zipfile.ZipFile(tmp_path / "c.bin", "w") as archive:
        archive.write(path, "inside.dcm")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.write(tmp_path / "c.bin", "study.zip")
    catalogue = scan(tmp_path)
    assert [item.path for item in catalogue.found] == ["a.dcm"]
    assert all("unpack it" in reason for reason in reasons(tmp_path).values())
    assert set(reasons(tmp_path)) == {"b.dcm.gz", "c.bin", "d.zip"}


def test_that_real_colours_are_the_same_in_every_coding(real_data):
    """One picture in RGB and YBR, whole and 4:2:2, RLE, JPEG with and without APP14, JPEG-LS, J2K, 8 to 32 bits."""
    compared = 0
    for folder in ("pydicom/test_files", "pydicom-data"):
        for path in sorted((real_data / "dicom_zoo" / folder).glob("SC_*.dcm")):
            frames = read_frames(path)[:1]  # a second frame is the negative of the first
            if frames.shape[2:] != (100, 100):
                continue
            top = 2.0 ** (8 if frames.max() < 256 else 16 if frames.max() < 65536 else 32) - 1
            red, pink, white = (frames[:, :, row, 50] / top for row in (5, 15, 95))
            assert np.abs(red - (1, 0, 0)).max() < 0.03, path.name
            assert np.abs(pink - (1, 0.5, 0.5)).max() < 0.03, path.name
            assert np.abs(white - (1, 1, 1)).max() < 0.01, path.name
            compared += 1
    assert compared > 30
    patterns = {p.name: read_frames(p) for p in (real_data / "dicom_zoo" / "cornerstone3D").glob("TestPattern*")}
    plain = patterns["TestPattern_RGB.dcm"]
    for name, pattern in patterns.items():
        scale = 257 if name == "TestPattern_Palette_16.dcm" else 1
        assert np.abs(pattern / scale - plain).mean() < 1.5, name


def test_that_real_parametric_maps_of_floats_are_read(real_data):
    read = [read_frames(path) for path in (real_data / "dicom_zoo").rglob("*float*.dcm")]
    assert read
    assert all(np.isfinite(frames).all() and frames.std() > 0 for frames in read)


@pytest.mark.parametrize("tilt", [0, 20])
def test_that_the_places_tell_a_leaning_stack_and_not_the_tag(tmp_path, tilt):
    for index in range(4):
        place = {"GantryDetectorTilt": tilt, "instance": index}
        dicom(tmp_path / "straight" / str(index), gradient() + index, position=(0, 0, index * 2.0), **place)
        dicom(tmp_path / "leaning" / str(index), gradient() + index, position=(0, index * 0.5, index * 2.0), **place)
    straight, leaning = (scan(tmp_path / name).series[0].stacks[0] for name in ("straight", "leaning"))
    assert straight.no_volume == ""
    assert "tilt" in leaning.no_volume


def test_that_a_thickness_of_slices_is_never_their_distance(tmp_path):
    for index in range(3):
        dicom(tmp_path / f"{index}", gradient(), position=(0, 0, index * 2.0), SliceThickness=5, instance=index)
    assert scan(tmp_path).series[0].spacing_mm == (2, 1, 1)


def test_that_a_volume_without_an_orientation_says_so(tmp_path):
    for code in (0, 1):
        image = nibabel.Nifti1Image(np.ones((4, 5, 6), np.int16), np.eye(4))
        image.set_sform(np.eye(4), code=code)
        image.set_qform(np.eye(4), code=code)
        nibabel.save(image, tmp_path / f"{code}.nii")
    notes_of = {item.path: " ".join(item.notes) for item in scan(tmp_path).found}
    assert "left and right may be exchanged" in notes_of["0.nii"]
    assert "exchanged" not in notes_of["1.nii"]


def test_that_spacing_at_the_detector_is_used_and_spacing_that_makes_no_sense_is_not(tmp_path):
    dicom(tmp_path / "a.dcm", gradient(), spacing=None, ImagerPixelSpacing=[0.2, 0.3])
    dicom(tmp_path / "b.dcm", gradient(), spacing=(0.0, -1.0))
    path = dicom(tmp_path / "c.dcm", gradient())
    path.write_bytes(path.read_bytes().replace(b"1.0\\1.0 ", b"nan\\1.0 "))
    found = {item.path: item.spacing_mm for item in scan(tmp_path).found}
    assert found == {"a.dcm": pytest.approx((0.2, 0.3)), "b.dcm": None, "c.dcm": None}
    assert "PixelSpacing 'nan\\1.0', which is not a finite number" in notes(tmp_path)


def test_that_patients_are_told_apart_whatever_bytes_name_them(tmp_path):
    for index, name in enumerate(("Mü".encode("latin-1"), "Mü".encode(), "肺".encode("shift_jis"), b"M?\xff")):
        path = dicom(tmp_path / f"{index}.dcm", gradient(), patient="STAND-IN", series=f"1.2.{index}")
        path.write_bytes(path.read_bytes().replace(b"STAND-IN", name.ljust(8)))
    assert len({sample.group for sample in read_dataset(tmp_path).samples}) == 4


@pytest.mark.parametrize(
    ("field", "elements"),
    [
        ("compression", {"LossyImageCompression": "01"}),
        ("presentation", {"PresentationIntentType": "FOR PROCESSING"}),
        ("scanner", {"Manufacturer": "Maker", "ManufacturerModelName": "One"}),
        ("bits stored", {"bits": 12}),
        ("pixel spacing", {"spacing": (0.5, 0.5)}),
    ],
)
def test_that_a_class_that_goes_with_how_it_was_made_is_warned_of(tmp_path, field, elements):
    for number in range(20):
        ill = number < 10
        dicom(tmp_path / ("ill" if ill else "well") / f"{number}.dcm", gradient() + number, patient=f"P{number}",
              series=f"1.2.{number}", **(elements if ill else {}))  # fmt: skip
    (finding,) = (item for item in read_dataset(tmp_path).findings if item.code == "confounded")
    assert finding.field == field
    assert "10 of 10 patients" in finding.text
