"""DICOM pixels come out in real units, with no window and no 8 bit between."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, JPEGLSLossless, RLELossless

from runtime.data.dicom import read_frames
from runtime.data.faults import FileFault
from runtime.data.masks import read_mask
from tests.builders.dicom import dicom, enhanced, gradient


def only(array):
    """The pixels of a file with one frame and one channel."""
    assert array.shape[:2] == (1, 1)
    assert array.dtype == np.float32
    return array[0, 0]


def test_that_unsigned_ct_gives_hounsfield_units(tmp_path):
    stored = np.array([[24, 1024], [1064, 2024]], np.uint16)
    path = dicom(tmp_path / "a.dcm", stored, bits=12, slope=1, intercept=-1024, WindowCenter=40, WindowWidth=400)
    assert only(read_frames(path)).tolist() == [[-1000, 0], [40, 1000]]


def test_that_a_header_with_two_windows_changes_nothing(tmp_path):
    stored = gradient()
    path = dicom(tmp_path / "a.dcm", stored, WindowCenter=[40, 400], WindowWidth=[80, 2000])
    assert np.array_equal(only(read_frames(path)), stored)


def test_that_monochrome1_is_inverted_within_the_bits_stored(tmp_path):
    stored = np.array([[0, 2048, 4095]], np.uint16)
    path = dicom(tmp_path / "a.dcm", stored, bits=12, photometric="MONOCHROME1")
    assert only(read_frames(path)).tolist() == [[4095, 2047, 0]]


def test_that_a_multi_frame_file_gives_its_frames(tmp_path):
    stored = np.arange(48, dtype=np.uint16).reshape(3, 4, 4)
    assert np.array_equal(read_frames(dicom(tmp_path / "a.dcm", stored))[:, 0], stored)


def test_that_inverting_before_the_rescale_keeps_the_range_of_possible_values(tmp_path):
    stored = np.array([[-128, 0, 127]], np.int8)
    path = dicom(tmp_path / "a.dcm", stored, photometric="MONOCHROME1", slope=2, intercept=10)
    assert only(read_frames(path)).tolist() == [[2 * 127 + 10, 2 * -1 + 10, 2 * -128 + 10]]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_that_every_depth_and_sign_is_read_as_stored(tmp_path, dtype):
    stored = gradient(dtype=dtype) - np.array(3 if dtype.startswith("i") else 0, dtype)
    assert np.array_equal(only(read_frames(dicom(tmp_path / "a.dcm", stored))), stored)


def test_that_junk_above_the_stored_bits_is_ignored_and_the_sign_is_kept(tmp_path):
    stored = np.array([[0xF001, 0x0FFF]], np.uint16).view(np.int16)
    assert only(read_frames(dicom(tmp_path / "a.dcm", stored, bits=12))).tolist() == [[1, -1]]


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
@pytest.mark.parametrize("lowest", [0, -900])
def test_that_twelve_bits_that_are_compressed_keep_their_sign(tmp_path, syntax, lowest):
    stored = gradient(32, 32).astype(np.int16 if lowest else np.uint16) + np.array(lowest, np.int16 if lowest else "u2")
    path = dicom(tmp_path / "a.dcm", stored, bits=12)
    dataset = dcmread(path)
    dataset.compress(syntax)
    dataset.save_as(path)
    assert np.array_equal(only(read_frames(path)), stored)


def test_that_double_pixels_are_read(tmp_path):
    stored = gradient() / 7
    path = dicom(tmp_path / "a.dcm", stored.astype(np.float32))
    dataset = dcmread(path)
    del dataset.FloatPixelData
    dataset.BitsAllocated, dataset.DoubleFloatPixelData = 64, stored.astype("<f8").tobytes()
    dataset.save_as(path)
    assert np.array_equal(only(read_frames(path)), stored.astype(np.float32))


def test_that_big_endian_files_equal_little_endian_ones(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(), syntax=ExplicitVRBigEndian)
    assert np.array_equal(only(read_frames(path)), gradient())


def test_that_float_pixels_are_kept(tmp_path):
    stored = gradient().astype(np.float32) / 7
    assert np.array_equal(only(read_frames(dicom(tmp_path / "a.dcm", stored))), stored)


def test_that_each_frame_of_an_enhanced_object_has_its_own_rescale(tmp_path):
    stored = np.full((3, 2, 2), 10, np.uint16)
    frames = read_frames(enhanced(tmp_path / "a.dcm", stored, [(1, 0), (2, 5), (0.5, -1)]))
    assert frames[:, 0, 0, 0].tolist() == [10, 25, 4]


def test_that_the_modality_lut_wins_over_the_slope(tmp_path):
    lut = Dataset()
    lut.LUTDescriptor, lut.ModalityLUTType, lut.LUTData = [4, 0, 16], "HU", [100, 200, 300, 400]
    lut["LUTDescriptor"].VR = lut["LUTData"].VR = "US"
    stored = np.array([[0, 1, 2, 3]], np.uint8)
    path = dicom(tmp_path / "a.dcm", stored, slope=9, intercept=9, ModalityLUTSequence=Sequence([lut]))
    assert only(read_frames(path)).tolist() == [[100, 200, 300, 400]]


def test_that_colour_is_three_channels_as_stored(tmp_path):
    stored = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    frames = read_frames(dicom(tmp_path / "a.dcm", stored, photometric="RGB", slope=2, intercept=1))
    assert np.array_equal(frames[0], np.moveaxis(stored, 2, 0))


def test_that_ybr_is_converted_exactly_once(tmp_path):
    stored = np.full((2, 2, 3), (76, 85, 255), np.uint8)  # pure red
    frames = read_frames(dicom(tmp_path / "a.dcm", stored, photometric="YBR_FULL"))
    assert np.allclose(frames[0, :, 0, 0], (254, 0, 0), atol=1)


def test_that_a_palette_gives_its_colours(tmp_path):
    tables = {}
    for colour, values in (("Red", [0, 10, 20, 30]), ("Green", [1, 11, 21, 31]), ("Blue", [2, 12, 22, 32])):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [4, 0, 8]
        tables[f"{colour}PaletteColorLookupTableData"] = bytes(values)
    path = dicom(tmp_path / "a.dcm", np.array([[3, 1]], np.uint8), photometric="PALETTE COLOR", **tables)
    assert read_frames(path)[0, :, 0].T.tolist() == [[30, 31, 32], [10, 11, 12]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"slope": "", "intercept": 0}, "empty RescaleSlope"),
        ({"slope": 0, "intercept": 0}, "RescaleSlope 0"),
        ({"frames": 3}, "less than expected|frames"),
    ],
)
def test_that_meaningless_headers_are_refused_in_words(tmp_path, options, words):
    path = dicom(tmp_path / "a.dcm", gradient(), **options)
    with pytest.raises(FileFault, match=words):
        read_frames(path)


def test_that_a_compressed_file_with_fewer_frames_than_it_says_is_refused(tmp_path):
    path = dicom(tmp_path / "a.dcm", np.stack([gradient(), gradient()]))
    dataset = dcmread(path)
    dataset.compress(RLELossless)
    dataset.NumberOfFrames = 5
    dataset.save_as(path)
    with pytest.raises(FileFault, match="says it has 5 frames"):
        read_frames(path)


def test_that_a_file_with_zero_frames_has_one(tmp_path):
    assert read_frames(dicom(tmp_path / "a.dcm", gradient(), frames=0)).shape == (1, 1, 8, 8)


def test_that_a_file_that_would_need_gigabytes_is_refused_before_decoding(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(), Rows=60000, Columns=60000)
    with pytest.raises(FileFault, match=r"too large.*GiB"):
        read_frames(path)


def test_that_a_mask_keeps_its_stored_numbers_whatever_the_rescale_says(tmp_path):
    stored = np.array([[0, 1], [2, 5]], np.uint8)
    mask = read_mask(dicom(tmp_path / "a.dcm", stored, slope=7, intercept=3))
    assert mask.dtype == np.int32
    assert np.array_equal(mask, stored)


def test_that_a_colour_file_is_no_mask(tmp_path):
    path = dicom(tmp_path / "a.dcm", np.zeros((2, 2, 3), np.uint8), photometric="RGB")
    with pytest.raises(FileFault, match="colour image, not a mask"):
        read_mask(path)


def test_that_eight_transfer_syntaxes_give_identical_pixels(real_data):
    folder = real_data / "dicom_zoo" / "cornerstone3D"
    names = ("BigEndianExplicit", "JPEG2000LosslessOnly", "JPEGLSLossless", "JPEGProcess14T", "JPEGProcess14SV1")
    names += ("LittleEndianExplicit", "LittleEndianImplicit", "RLELossless", "Deflated")
    files = [next(folder.glob(f"CTImage.dcm_{name}*")) for name in names]
    first, *others = [read_frames(file) for file in files]
    assert first.min() < -500
    assert all(np.array_equal(first, other) for other in others)
    for name, bound in (("JPEG2000Transfer", 5), ("JPEGLSLossyTransfer", 1)):
        lossy = read_frames(next(folder.glob(f"CTImage.dcm_{name}*")))
        assert np.abs(lossy - first).max() <= bound
