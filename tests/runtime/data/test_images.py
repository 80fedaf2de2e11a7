"""Plain pictures, volumes and masks keep every number they hold."""

import gzip
import struct
import zlib

import nibabel
import numpy as np
import pytest
from PIL import Image

from runtime.data import images, volumes
from runtime.data.faults import FileFault
from runtime.data.masks import read_mask
from runtime.data.thumbnail import thumbnail
from tests.builders.dicom import gradient


def save(path, array, **options):
    """Write an array with Pillow."""
    Image.fromarray(array).save(path, **options)
    return path


def volume(path, array, affine=None, **header):
    """Write a NIfTI volume with array axes x, y, z."""
    image = nibabel.Nifti1Image(array, np.eye(4) if affine is None else affine)
    image.to_filename(path)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_that_sixteen_bits_stay_sixteen_bits(tmp_path, name):
    stored = gradient() * 1000
    pages = images.read_pages(save(tmp_path / name, stored))
    assert pages.dtype == np.float32
    assert np.array_equal(pages, stored[None, None].astype(np.float32))


def png16(path, stored, kind, turned=0):
    """Write colours of 16 bits, which Pillow does not: a PNG, its rows filtered in every way there is."""
    rows, columns, channels = stored.shape
    raw = stored.astype(">u2").tobytes()
    width, step = columns * channels * 2, channels * 2
    lines, before = [], bytes(width)
    for row in range(rows):
        line = raw[row * width : (row + 1) * width]
        left = bytes(step) + line[:-step]
        guess = [bytes(width), left, before, bytes((a + b) // 2 for a, b in zip(left, before, strict=True))][row % 4]
        lines.append(bytes([row % 4]) + bytes((a - b) % 256 for a, b in zip(line, guess, strict=True)))
        before = line

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 16, kind, 0, 0, 0))
    if turned:
        exif = Image.Exif()
        exif[274] = turned
        head += chunk(b"eXIf", exif.tobytes()[6:])
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"".join(lines))) + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize(("kind", "channels"), [(2, 3), (6, 4)])
def test_that_sixteen_bits_of_colour_stay_sixteen_bits(tmp_path, kind, channels):
    stored = np.random.default_rng(0).integers(0, 65536, (9, 7, channels), np.uint16)
    expected = np.moveaxis(stored[..., :3], 2, 0).astype(np.float32)
    path = png16(tmp_path / "a.png", stored, kind)
    assert (images.describe(path).top, images.describe(path).notes) == (65535, ())
    assert np.array_equal(images.read_pages(path)[0], expected)
    turned = images.read_pages(png16(tmp_path / "b.png", stored, kind, turned=6))[0]
    assert np.array_equal(turned, np.rot90(expected, -1, axes=(1, 2)))


def tiff16(path, stored, order):
    """Write colours of 16 bits as a plain TIFF of one strip."""
    rows, columns, channels = stored.shape
    count = 9
    bits = 8 + 2 + 12 * count + 4
    entries = [(256, 3, 1, columns), (257, 3, 1, rows), (258, 3, channels, bits), (259, 3, 1, 1), (262, 3, 1, 2),
               (273, 4, 1, bits + 2 * channels), (277, 3, 1, channels), (278, 3, 1, rows),
               (279, 4, 1, stored.nbytes)]  # fmt: skip
    assert len(entries) == count
    made = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, count)
    for tag, kind, number, value in entries:
        inline = kind == 3 and number == 1
        made += struct.pack(f"{order}HHI", tag, kind, number) + struct.pack(
            f"{order}HH" if inline else f"{order}I", *((value, 0) if inline else (value,))
        )
    made += struct.pack(f"{order}I", 0) + struct.pack(f"{order}{channels}H", *[16] * channels)
    path.write_bytes(made + stored.astype(f"{order}u2").tobytes())
    return path


@pytest.mark.parametrize("order", ["<", ">"])
def test_that_a_tiff_of_sixteen_bit_colours_keeps_them(tmp_path, order):
    stored = np.random.default_rng(1).integers(0, 65536, (5, 6, 3), np.uint16)
    path = tiff16(tmp_path / "a.tif", stored, order)
    assert images.describe(path).top == 65535
    assert np.array_equal(images.read_pages(path)[0], np.moveaxis(stored, 2, 0).astype(np.float32))


def test_that_grey_has_one_channel_and_colour_three(tmp_path):
    grey = save(tmp_path / "a.png", gradient(dtype="uint8"))
    colour = save(tmp_path / "b.bmp", np.stack([gradient(dtype="uint8")] * 3, axis=2))
    assert images.read_pages(grey).shape == (1, 1, 8, 8)
    assert images.read_pages(colour).shape == (1, 3, 8, 8)


def test_that_alpha_is_dropped_and_nothing_is_blended(tmp_path):
    stored = np.dstack([gradient(dtype="uint8")] * 3 + [np.zeros((8, 8), np.uint8)])
    pages = images.read_pages(save(tmp_path / "a.png", stored))
    assert np.array_equal(pages[0], np.moveaxis(stored[..., :3], 2, 0))


def test_that_grey_with_alpha_is_grey(tmp_path):
    stored = np.dstack([gradient(dtype="uint8"), np.zeros((8, 8), np.uint8)])
    assert np.array_equal(images.read_pages(save(tmp_path / "a.png", stored))[0, 0], stored[..., 0])


def test_that_a_palette_becomes_colours(tmp_path):
    picture = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.save(tmp_path / "a.png")
    assert images.read_pages(tmp_path / "a.png")[0, :, 0].T.tolist() == [[10, 20, 30], [40, 50, 60]]
    assert read_mask(tmp_path / "a.png").tolist() == [[0, 1]]


# What EXIF orientation 1 to 8 asks for.
TURNS = {
    1: lambda picture: picture,
    2: lambda picture: picture[:, ::-1],
    3: lambda picture: picture[::-1, ::-1],
    4: lambda picture: picture[::-1],
    5: lambda picture: picture.T,
    6: lambda picture: picture[::-1].T,
    7: lambda picture: picture[::-1, ::-1].T,
    8: lambda picture: picture[:, ::-1].T,
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize(("name", "options"), [("a.png", {}), ("a.tif", {}), ("a.tif", {"compression": "tiff_lzw"})])
def test_that_the_orientation_of_the_camera_is_honoured(tmp_path, name, options, orientation):
    stored = gradient(4, 6, "uint8")
    picture = Image.fromarray(stored)
    exif = picture.getexif()
    exif[274] = orientation
    picture.save(tmp_path / name, exif=exif, **options)
    expected = TURNS[orientation](stored)
    said = images.describe(tmp_path / name)
    assert (said.rows, said.columns) == expected.shape
    assert np.array_equal(images.read_pages(tmp_path / name)[0, 0], expected)
    assert np.array_equal(read_mask(tmp_path / name), expected)


def test_that_the_pages_of_a_tiff_are_frames(tmp_path):
    pages = [Image.fromarray(gradient() + index) for index in range(3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert images.describe(tmp_path / "a.tif").frames == 3
    assert images.read_pages(tmp_path / "a.tif")[:, 0, 0, 0].tolist() == [0, 1, 2]


def test_that_pages_of_different_sizes_are_refused(tmp_path):
    Image.fromarray(gradient()).save(tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(gradient(4, 4))])
    with pytest.raises(FileFault, match="different sizes"):
        images.read_pages(tmp_path / "a.tif")


def test_that_a_picture_too_large_for_memory_is_refused_from_its_header(tmp_path):
    raw = bytearray(save(tmp_path / "a.png", gradient(dtype="uint8")).read_bytes())
    raw[16:24] = (12000).to_bytes(4, "big") * 2
    raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(raw)
    with pytest.raises(FileFault, match="too large"):
        images.describe(tmp_path / "a.png")


def test_that_a_cut_picture_is_refused_in_words(tmp_path):
    path = save(tmp_path / "a.png", gradient(200, 200))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FileFault, match="cannot be read"):
        images.read_pages(path)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_that_a_volume_is_slices_rows_columns(tmp_path, name):
    stored = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    path = volume(tmp_path / name, stored, np.diag([-1.0, -2.0, 3.0, 1.0]))  # the axes of DICOM
    said = volumes.describe(path)
    assert (said.size, said.spacing_mm) == ((2, 3, 4), (3.0, 2.0, 1.0))
    assert np.array_equal(volumes.read_volume(path)[0], stored.transpose(2, 1, 0))


def test_that_volumes_stored_in_other_directions_look_the_same(tmp_path):
    stored = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    plain = volume(tmp_path / "a.nii", stored, np.diag([1.0, 2.0, 3.0, 1.0]))
    affine = np.array([[0, 0, 1, 0], [0, -2, 0, 4], [3, 0, 0, 0], [0, 0, 0, 1]], float)
    turned = volume(tmp_path / "b.nii", np.ascontiguousarray(stored[:, ::-1].transpose(2, 1, 0)), affine)
    assert volumes.describe(plain) == volumes.describe(turned)
    assert np.array_equal(volumes.read_volume(plain), volumes.read_volume(turned))
    assert np.array_equal(read_mask(plain), read_mask(turned))


def test_that_the_slope_of_a_volume_is_applied(tmp_path):
    image = nibabel.Nifti1Image(np.full((2, 2, 2), 3, np.int16), np.eye(4))
    image.header.set_slope_inter(2, -1)
    image.to_filename(tmp_path / "a.nii")
    stored = nibabel.load(tmp_path / "a.nii").dataobj.get_unscaled()
    assert np.array_equal(np.unique(volumes.read_volume(tmp_path / "a.nii")), np.unique(stored) * 2.0 - 1)


def test_that_a_volume_with_a_fourth_axis_has_channels(tmp_path):
    path = volume(tmp_path / "a.nii", np.zeros((4, 3, 2, 5), np.float32))
    assert volumes.describe(path).channels == 5
    assert volumes.read_volume(path).shape == (5, 2, 3, 4)


def test_that_a_volume_with_nan_is_refused(tmp_path):
    stored = np.zeros((2, 2, 2), np.float32)
    stored[0, 0, 0] = np.nan
    with pytest.raises(FileFault, match="1 voxels that are not a number"):
        volumes.read_volume(volume(tmp_path / "a.nii", stored))


def test_that_a_cut_volume_is_refused_from_its_header(tmp_path):
    path = volume(tmp_path / "a.nii", np.zeros((9, 9, 9), np.float32))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(FileFault, match="ends at byte 1000"):
        volumes.describe(path)


def test_that_a_volume_that_claims_to_be_huge_is_refused(tmp_path):
    path = volume(tmp_path / "a.nii", np.zeros((2, 2, 2), np.int16))
    raw = bytearray(path.read_bytes())
    raw[40:48] = np.array([3, 32767, 32767, 32767], "<i2").tobytes()
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(bytes(raw)))
    with pytest.raises(FileFault, match="too large"):
        volumes.describe(tmp_path / "b.nii.gz")


def test_that_a_mask_of_fractions_is_refused(tmp_path):
    with pytest.raises(FileFault, match="not all whole numbers"):
        read_mask(volume(tmp_path / "a.nii", np.full((2, 2, 2), 0.5, np.float32)))


def test_that_a_mask_keeps_sixteen_bit_numbers(tmp_path):
    stored = gradient() * 500
    assert np.array_equal(read_mask(save(tmp_path / "a.png", stored)), stored)


def test_that_a_thumbnail_is_small_and_spans_dark_to_bright():
    picture = thumbnail(np.linspace(-1000, 3000, 512 * 300, dtype=np.float32).reshape(1, 512, 300))
    assert picture.shape == (96, 56)
    assert picture.dtype == np.uint8
    assert (picture.min(), picture.max()) == (0, 255)


def test_that_a_thumbnail_survives_constant_and_broken_pixels():
    assert thumbnail(np.full((1, 4, 4), 7, np.float32)).shape == (4, 4)
    assert thumbnail(np.full((3, 4, 4), np.nan, np.float32)).shape == (4, 4, 3)


def test_that_a_thumbnail_uses_the_window_it_is_given():
    hounsfield = np.array([[[-1000, 40, 1000]]], np.float32)
    assert thumbnail(hounsfield, (40, 400)).tolist() == [[0, 128, 255]]
