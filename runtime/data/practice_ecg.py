"""Writing made-up ECGs: as 12-lead ECG objects of DICOM (PS3.3, A.34.3), or as text with a column for each lead."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

from runtime.data.practice_dicom import uid
from runtime.data.practice_heart import LEADS, RHYTHMS, make_heart, record

_RECORDINGS = 4  # of a patient
_SECONDS = 10.0
_DICOM_HZ, _TEXT_HZ = 500, 250
_STEP_UV = 2.5  # microvolts of a stored number
_TITLES = {"I": "Lead I (Einthoven)", "II": "Lead II", "III": "Lead III"}


def write_recordings(
    folder: Path, patient: str, number: int, seed: int, rng: np.random.Generator, as_dicom: bool
) -> int:
    """Write the recordings of one patient, whose number says the rhythm by turns; gives how many."""
    rhythm = RHYTHMS[(number - 1) % len(RHYTHMS)]
    heart = make_heart(rhythm, rng)
    place = folder / rhythm / patient if as_dicom else folder / patient
    place.mkdir(parents=True)
    for recording in range(1, _RECORDINGS + 1):
        if as_dicom:
            signal = record(heart, _DICOM_HZ, _SECONDS, rng)
            _write_dicom(place / f"ECG{recording:02}.dcm", signal, patient, seed, recording)
        else:
            _write_text(place / f"ecg{recording:02}.csv", record(heart, _TEXT_HZ, _SECONDS, rng))
    if not as_dicom:
        names = [f"{patient}/ecg{recording:02}.csv" for recording in range(1, _RECORDINGS + 1)]
        _append(folder / "labels.csv", [(name, patient, rhythm) for name in names])
    return _RECORDINGS


def _write_text(path: Path, signal: NDArray[np.float32]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("time_s", *LEADS))
        for at, sample in enumerate(signal.T):
            writer.writerow((f"{at / _TEXT_HZ:.3f}", *(f"{value:.4f}" for value in sample)))


def _append(path: Path, rows: list[tuple[str, str, str]]) -> None:
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(("path", "patient", "rhythm"))
        writer.writerows(rows)


def _write_dicom(path: Path, signal: NDArray[np.float32], patient: str, seed: int, recording: int) -> None:
    person = ("ecg", seed, patient)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = TwelveLeadECGWaveformStorage
    meta.MediaStorageSOPInstanceUID = uid(*person, "recording", recording)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = TwelveLeadECGWaveformStorage
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = "20200101"
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = "120000"
    dataset.AcquisitionDateTime = "20200101120000"
    dataset.AccessionNumber = dataset.ReferringPhysicianName = dataset.PatientBirthDate = ""
    dataset.Modality = "ECG"
    dataset.Manufacturer = "Netloom practice data (synthetic)"
    dataset.PatientName = f"{patient}^Synthetic"
    dataset.PatientID = patient
    dataset.PatientSex = "O"
    dataset.StudyInstanceUID = uid(*person, "study")
    dataset.SeriesInstanceUID = uid(*person, "series", recording)
    dataset.StudyID = "1"
    dataset.SeriesNumber = dataset.InstanceNumber = recording
    dataset.AcquisitionContextSequence = []
    dataset.WaveformSequence = [_group(signal)]
    dataset.save_as(path, enforce_file_format=True)


def _group(signal: NDArray[np.float32]) -> Dataset:
    group = Dataset()
    group.MultiplexGroupTimeOffset = 0
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = signal.shape
    group.SamplingFrequency = _DICOM_HZ
    group.MultiplexGroupLabel = "RHYTHM"
    group.ChannelDefinitionSequence = [_channel(name) for name in LEADS]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformData = np.rint(signal.T * 1000 / _STEP_UV).astype("<i2").tobytes()
    return group


def _channel(name: str) -> Dataset:
    channel = Dataset()
    channel.ChannelSourceSequence = [_code(name, "NETLOOM", _TITLES.get(name, f"Lead {name}"))]
    channel.ChannelSensitivity = _STEP_UV
    channel.ChannelSensitivityUnitsSequence = [_code("uV", "UCUM", "microvolt")]
    channel.ChannelSensitivityCorrectionFactor = 1
    channel.ChannelBaseline = 0
    channel.ChannelSampleSkew = 0
    channel.WaveformBitsStored = 16
    return channel


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code
