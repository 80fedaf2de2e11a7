"""Signals: text and DICOM waveforms become cases with the same leads and rate, or are left out with a reason."""

import numpy as np
import pytest

from runtime.data.catalogue import DataError
from runtime.data.curves import curves
from runtime.data.faults import FileFault
from runtime.data.labels import read_dataset
from runtime.data.practice import write_practice
from runtime.data.practice_heart import LEADS
from runtime.data.resampling import resampled
from runtime.data.scan import scan
from runtime.data.signal_files import read_signal
from runtime.data.signal_text import read_text
from runtime.data.taken import Taken
from tests.builders import pictures

WAVE = np.sin(np.arange(64) / 5)


def write(path, rows, head=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [head] if head else []
    path.write_text("\n".join([*lines, *rows]) + "\n", encoding="utf-8")
    return path


def leads_of(names, count=64, hertz=100):
    """Rows with a column of time; the n-th lead is n times the wave."""
    rows = [",".join([f"{at / hertz:.3f}", *(f"{(n + 1) * WAVE[at % 64]:.5f}" for n in range(len(names)))])
            for at in range(count)]  # fmt: skip
    return rows, ",".join(["time_s", *names])


@pytest.mark.parametrize(
    ("head", "line", "leads"),
    [
        ("I,II", "{0:.4f},{1:.4f}", ("I", "II")),
        ("", "{0:.4f};{1:.4f}", ()),
        ('"I [mV]"\t"II (mV)"', "{0:.4f}\t{1:.4f}", ("I", "II")),
    ],
)
def test_that_columns_are_leads_however_they_are_separated(tmp_path, head, line, leads):
    rows = [line.format(value, -value) for value in WAVE]
    if ";" in line:
        rows = [row.replace(".", ",") for row in rows]  # decimal commas
    found = read_text(write(tmp_path / "a.csv", rows, head))
    assert (found.leads, found.rate_hz) == (leads, 0.0)
    np.testing.assert_allclose(found.values, [WAVE, -WAVE], atol=1e-4)


def test_that_a_column_of_time_tells_the_rate_and_is_no_lead(tmp_path):
    found = read_text(write(tmp_path / "a.csv", *leads_of(("I", "II"), hertz=360)))
    assert found.leads == ("I", "II")
    assert found.values.shape == (2, 64)
    assert found.rate_hz == 360


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["1,2"] * 20 + ["1,x"], "has 2 numbers in its first row, and in row 21 something else"),
        (["1,2"] * 5, "has 5 rows of numbers"),
    ],
)
def test_that_a_text_that_is_no_whole_signal_is_refused_with_its_row(tmp_path, rows, said):
    with pytest.raises(FileFault, match=said):
        read_text(write(tmp_path / "a.csv", rows))


def test_that_uneven_times_are_refused(tmp_path):
    rows, head = leads_of(("I",))
    del rows[30]
    with pytest.raises(FileFault, match="uneven times"):
        read_text(write(tmp_path / "a.csv", rows, head))


def test_that_a_text_of_numbers_beside_images_is_no_signal(tmp_path):
    pictures.class_folders(tmp_path, 4)
    write(tmp_path / "values.csv", ["1,2"] * 40)
    found = scan(tmp_path)
    assert {item.kind for item in found.found} == {"image"}
    assert [(item.path, item.reason) for item in found.skipped] == [("values.csv", "is a table (CSV), not an image")]


def test_that_signals_get_the_leads_of_most_by_name_and_one_rate(tmp_path):
    for number in range(3):
        write(tmp_path / "ill" / f"{number}.csv", *leads_of(("I", "II")))
    write(tmp_path / "well" / "turned.csv", *leads_of(("II", "V1", "I")))
    write(tmp_path / "well" / "quick.csv", *leads_of(("I", "II"), 128, 200))
    write(tmp_path / "well" / "other.csv", *leads_of(("I", "aVF")))
    write(tmp_path / "well" / "timeless.csv", ["1,2"] * 40, "I,II")
    found = read_dataset(tmp_path)
    assert (found.kind, found.label, found.channels, found.size) == ("signal", "class", 2, (64,))
    assert (found.leads, found.rate_hz) == (("I", "II"), 100)
    cases = {sample.path: sample for sample in found.samples}
    assert cases["well/turned.csv"].leads == (2, 0)
    assert cases["well/quick.csv"].resampled == (64,)
    assert {item.path: item.reason for item in found.skipped} == {
        "well/other.csv": "has no lead II; it has I, aVF",
        "well/timeless.csv": "does not say its sampling rate; give it as “Rate of files without one”",
    }
    told = read_dataset(tmp_path, taken=Taken(leads=("II",), rate_hz=50, stored_rate_hz=100))
    assert (told.channels, told.size, told.leads) == (1, (32,), ("II",))
    assert {sample.path for sample in told.samples} == {*cases, "well/timeless.csv"}
    with pytest.raises(DataError, match=r"No signal in .* can be used: .*has no lead V9"):
        read_dataset(tmp_path, taken=Taken(leads=("V9",)))


def test_that_resampling_keeps_a_wave_and_takes_away_what_is_too_quick_for_the_new_rate():
    times = np.arange(1000) / 500
    slow, quick = np.sin(2 * np.pi * 5 * times), np.sin(2 * np.pi * 180 * times)
    found = resampled(np.stack([slow, slow + quick]).astype(np.float32), (200,), False)
    np.testing.assert_allclose(found[:, 10:-10], np.stack([slow[::5]] * 2)[:, 10:-10], atol=0.02)


def test_that_practice_ecgs_are_read_in_millivolts_by_patient_from_both_forms(tmp_path):
    for name, hertz in (("ecg", 500), ("ecg-csv", 250)):
        write_practice(name, tmp_path / name, 3)
        found = read_dataset(tmp_path / name)
        assert (found.kind, found.label, found.leads, found.rate_hz) == ("signal", "class", LEADS, hertz)
        assert found.classes == ("atrial fibrillation", "normal", "wide QRS")
        assert not found.skipped
        assert len({sample.patient for sample in found.samples}) == 3
        (signal,) = read_signal(tmp_path / name / found.samples[0].path)
        assert signal.shape == (12, 10 * hertz)
        assert 0.5 < np.abs(signal).max() < 3
        np.testing.assert_allclose(signal[2], signal[1] - signal[0], atol=0.01)  # Einthoven: III = II − I


def test_that_a_real_ecg_is_read_in_millivolts_by_the_names_of_its_leads(real_data, tmp_path):
    file = tmp_path / "ecg.dcm"
    file.write_bytes((real_data / "dicom_zoo/pydicom/test_files/waveform_ecg.dcm").read_bytes())
    (found,) = scan(tmp_path).found
    assert (found.kind, found.channels, found.size, found.rate_hz) == ("signal", 12, (10_000,), 1000)
    assert found.leads == LEADS
    assert found.notes == ("holds 2 groups of waveforms, of which one is used",)
    (signal,) = read_signal(file)
    assert (float(signal.min()), float(signal.max())) == pytest.approx((-1.125, 1.9625))


def test_that_a_lead_is_drawn_as_one_unbroken_curve():
    picture = curves(np.stack([WAVE, 0 * WAVE]).astype(np.float32), 96, 96)
    assert picture.shape == (96, 96)
    assert (picture[:48] == 255).any(axis=0).all()
    assert (picture[48:] == 255).sum() == 96  # a flat lead is a line
