"""WFDB records (.hea with .dat), as PhysioNet has them, are signals; what cannot be read of them is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.data.faults import FileFault
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from runtime.data.signal_files import read_signal
from runtime.data.signal_wfdb import IS_SAMPLES, read_wfdb

Stored = NDArray[np.int64]
LEADS = ("I", "II", "V1")


def packed(stored: Stored) -> bytes:
    """Two samples of 12 bits in three bytes: low byte of the first, both high halves, low byte of the second."""
    flat = [*stored.reshape(-1).tolist(), 0] if stored.size % 2 else stored.reshape(-1).tolist()
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return b"".join(
        bytes((one & 255, (one >> 8 & 15) | (other >> 8 & 15) << 4, other & 255)) for one, other in pairs
    )  # fmt: skip


WRITERS: dict[str, Callable[[Stored], bytes]] = {
    "80": lambda stored: (stored + 128).astype(np.uint8).tobytes(),
    "212": packed,
    "16": lambda stored: stored.astype("<i2").tobytes(),
    "61": lambda stored: stored.astype(">i2").tobytes(),
    "24": lambda stored: b"".join(int(one).to_bytes(3, "little", signed=True) for one in stored.reshape(-1)),
    "32": lambda stored: stored.astype("<i4").tobytes(),
}


def written(
    folder: Path, name: str = "100", kind: str = "16", gain: str = "200(10)/mV", samples: int = 101, leads=LEADS,
    comment: str = "",
) -> Stored:  # fmt: skip
    """A record of some leads at 250 Hz; the stored numbers, (samples, leads)."""
    rng = np.random.default_rng(len(name))
    stored = rng.integers(-100, 100, (samples, len(leads)))
    (folder / f"{name}.dat").write_bytes(WRITERS[kind](stored))
    lines = [f"# {comment}", f"{name} {len(leads)} 250 {samples} 10:00:00"]
    for place, lead in enumerate(leads):
        total = int(stored[:, place].sum()) % 65536
        lines.append(f"{name}.dat {kind} {gain} 12 0 {stored[0, place]} {total} 0 {lead}")
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
    return stored


@pytest.mark.parametrize("kind", WRITERS)
def test_that_the_samples_of_each_format_come_back_in_millivolts(kind: str, tmp_path: Path) -> None:
    stored = written(tmp_path, kind=kind)
    found = read_wfdb(tmp_path / "100.hea")
    assert (found.leads, found.rate_hz, found.values.dtype) == (LEADS, 250, np.float32)
    assert np.allclose(found.values, (stored.T - 10) / 200, atol=1e-6)


def test_that_the_bytes_of_twelve_bits_are_those_of_the_known_record(tmp_path: Path) -> None:
    """Record 100 of the MIT-BIH arrhythmia database begins with 995 and 1011."""
    (tmp_path / "100.hea").write_text("100 2 360 1\n100.dat 212 200 11 1024 995\n100.dat 212 200 11 1024 1011\n")
    (tmp_path / "100.dat").write_bytes(bytes((0xE3, 0x33, 0xF3)))
    assert read_wfdb(tmp_path / "100.hea").values.tolist() == [
        [pytest.approx((995 - 1024) / 200)], [pytest.approx((1011 - 1024) / 200)]
    ]  # fmt: skip


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1e-3), ("V", 1e3), ("mmHg", 1.0)])
def test_that_volts_become_millivolts_and_other_units_stay(unit: str, factor: float, tmp_path: Path) -> None:
    stored = written(tmp_path, gain=f"2/{unit}")
    assert np.allclose(read_signal(tmp_path / "100.hea")[0], stored.T / 2 * factor)


def test_that_records_of_a_folder_are_cases_with_the_labels_of_a_table_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "records100").mkdir()
    rows = ["filename,age,label"]
    for number in range(8):
        written(tmp_path / "records100", f"{number:05}_lr", samples=250, comment="a test")
        rows.append(f"records100/{number:05}_lr,{40 + number},{('sinus', 'flutter')[number % 2]}")
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    dataset = read_dataset(tmp_path)
    assert (dataset.kind, dataset.label, dataset.counts()) == ("signal", "class", {"flutter": 4, "sinus": 4})
    assert (dataset.leads, dataset.rate_hz, dataset.size, dataset.channels) == (LEADS, 250, (250,), 3)
    assert [item.path for item in scan(tmp_path).skipped] == ["labels.csv"]  # samples are part of their records


def test_that_samples_whose_header_is_of_no_use_are_listed(tmp_path: Path) -> None:
    written(tmp_path, kind="16")
    written(tmp_path, name="101")
    header = tmp_path / "101.hea"
    header.write_text(header.read_text().replace(" 16 ", " 310 "))
    told = {item.path: item.reason for item in scan(tmp_path).skipped}
    assert set(told) == {"101.dat", "101.hea"}
    assert told["101.dat"] == IS_SAMPLES


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("100 3 250", "100/2 3 250"), "several segments"),
        ((" 16 200", " 310 200"), "WFDB format 310"),
        ((" 16 200", " 16x4 200"), "several rates"),
        (("100.dat", "../100.dat"), "is no file beside it"),
        (("100.dat", "gone.dat"), "has its samples in gone.dat, which is not beside it"),
        (("250 101", "250 500"), "is cut off: 100.dat holds 101 samples of each lead, and 500 are told"),
        ((" 0 I\n", " 0 I\n# \n"), ""),
    ],
)
def test_that_what_cannot_be_read_is_told(change: tuple[str, str], told: str, tmp_path: Path) -> None:
    written(tmp_path)
    header = tmp_path / "100.hea"
    header.write_text(header.read_text().replace(*change))
    if not told:
        assert read_wfdb(header).leads == LEADS
        return
    with pytest.raises(FileFault, match=told):
        read_wfdb(header)


def test_that_samples_that_changed_or_are_missing_are_told(tmp_path: Path) -> None:
    stored = written(tmp_path)
    samples = tmp_path / "100.dat"
    samples.write_bytes(WRITERS["16"](stored + np.array([0, 1, 0])))
    with pytest.raises(FileFault, match="is damaged: the samples of lead II"):
        read_wfdb(tmp_path / "100.hea")
    samples.write_bytes(WRITERS["16"](np.full_like(stored, -32768)))
    with pytest.raises(FileFault, match="has 101 samples without a value in lead I;"):
        read_wfdb(tmp_path / "100.hea")
