"""Predictions as DICOM: segmentations that lie on their images, and reports that refer to them."""

from __future__ import annotations

from pathlib import Path

import highdicom
import nibabel
import numpy as np
import pydicom
import pytest
import torch
from highdicom.seg import segread
from numpy.typing import NDArray

from runtime.compile import compile_graph
from runtime.data.header import quietly
from runtime.data.labels import read_dataset
from runtime.data.seg import segmentation_of
from runtime.delivery.contract import contract_of
from runtime.delivery.predict import predict_folder, write_predictions
from runtime.delivery.predictors import TrainedPredictor, predictor_of
from runtime.train import train
from tests.builders import graphs, pictures
from tests.builders.dicom import dicom
from tests.runtime.command import table

OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


def predictor(graph: graphs.Graph) -> TrainedPredictor:
    torch.manual_seed(1)
    network = compile_graph(graphs.sound(graph))
    return TrainedPredictor(network, contract_of(network.analysis))


def series(folder: Path, places: list[float], orientation: tuple[float, ...] = OBLIQUE, uid: str = "1.2.3.77") -> Path:
    """Slices of one series along their normal, mm."""
    normal = np.cross(orientation[:3], orientation[3:])
    for number, place in enumerate(places):
        pixels = np.random.default_rng(number).integers(0, 900, (16, 20)).astype(np.uint16)
        dicom(
            folder / f"IM{number}.dcm", pixels, series=uid, instance=number + 1, spacing=(0.5, 0.75),
            position=tuple(np.array([10.0, -20.0, 30.0]) + place * normal), orientation=orientation,
            FrameOfReferenceUID="1.2.3.9", SliceThickness=4.0, PatientBirthDate="19500101",
        )  # fmt: skip
    return folder


def read(path: Path) -> pydicom.Dataset:
    """A file with all its values; those that a scanner wrote badly are taken as they are."""
    with quietly():
        found = pydicom.dcmread(path)
        list(found)
        return found


def masks_of(path: Path) -> dict[tuple[float, ...], NDArray[np.bool_]]:
    """The mask of every frame of the first segment, by the corner of its plane."""
    found = read(path)
    frames = found.pixel_array.reshape(-1, found.Rows, found.Columns)
    places = [group.PlanePositionSequence[0].ImagePositionPatient for group in found.PerFrameFunctionalGroupsSequence]
    return {
        tuple(round(float(one), 3) for one in place): frame > 0 for place, frame in zip(places, frames, strict=True)
    }


def test_that_masks_of_slices_become_one_object_that_lies_on_its_series(tmp_path: Path) -> None:
    folder = series(tmp_path / "in", [0.0, 5.0, 10.0])
    model = predictor(graphs.segmenter())
    rows = list(predict_folder(model, folder))
    written = write_predictions(rows, tmp_path / "out.csv", "dicom")
    assert (written.answered, written.failed) == (3, 0)
    (file,) = tmp_path.glob("out-dicom/segmentation-*.dcm")
    assert {row["mask"] for row in table(written.file)} == {"out-dicom/segmentation-0001.dcm"}
    found = segread(file)
    shared = found.SharedFunctionalGroupsSequence[0]
    assert [float(one) for one in shared.PixelMeasuresSequence[0].PixelSpacing] == [0.5, 0.75]
    assert [float(one) for one in shared.PlaneOrientationSequence[0].ImageOrientationPatient] == list(OBLIQUE)
    assert (found.PatientID, found.FrameOfReferenceUID) == ("P1", "1.2.3.9")
    masks = masks_of(file)
    for row in rows:
        source = read(row.original)
        corner = tuple(round(float(one), 3) for one in source.ImagePositionPatient)
        assert np.array_equal(masks.get(corner, np.zeros((16, 20), bool)), row.answers[0].mask == 1)
    assert segmentation_of(file).segments == ((1, "lesion"),)


def test_that_a_second_image_at_a_place_begins_another_object(tmp_path: Path) -> None:
    folder = series(tmp_path / "in", [0.0, 0.0, 5.0, 5.0])
    write_predictions(predict_folder(predictor(graphs.segmenter()), folder), tmp_path / "out.csv", "dicom")
    assert len(list(tmp_path.glob("out-dicom/segmentation-*.dcm"))) == 2


def test_that_the_mask_of_a_volume_lies_where_its_slices_do(tmp_path: Path) -> None:
    folder = series(tmp_path / "in", [0.0, 3.0, 6.0, 9.0])
    graph = graphs.segmenter(
        kind="dicom_folder", take="volumes", taken="volumes", size=(8, 12, 10), found_size=(4, 16, 20), modality="CT"
    )  # fmt: skip
    (row,) = predict_folder(predictor(graph), folder)
    write_predictions([row], tmp_path / "out.csv", "dicom")
    (file,) = tmp_path.glob("out-dicom/segmentation-*.dcm")
    volume = segread(file).get_volume(combine_segments=True, allow_missing_positions=True)
    mask = row.answers[0].mask
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.array(row.affine)
    for index in np.argwhere(mask == 1)[::17]:
        place = lps @ np.array([*index[::-1], 1.0])
        where = np.linalg.inv(volume.affine) @ place
        assert np.allclose(where[:3], where[:3].round(), atol=1e-3)
        assert volume.array[tuple(where[:3].round().astype(int))] == 1
    assert int((volume.array > 0).sum()) == int((mask > 0).sum())


def test_that_a_classifier_and_a_regressor_give_a_structured_report_of_each_study(tmp_path: Path) -> None:
    folder = series(tmp_path / "in", [0.0, 5.0])
    for name, graph in (("class", graphs.classifier()), ("number", graphs.regressor())):
        written = write_predictions(predict_folder(predictor(graph), folder), tmp_path / f"{name}.csv", "dicom")
        (file,) = tmp_path.glob(f"{name}-dicom/*.dcm")
        assert written.answered == 2
        report = highdicom.sr.srread(file)
        groups = report.content.get_image_measurement_groups()
        assert len(groups) == 2
        measured = [(one.name.meaning, one.value) for one in groups[0].get_measurements()]
        assert len(measured) == (2 if name == "class" else 1)
        assert str(report.VerificationFlag) == "UNVERIFIED"
        referred = {one.ReferencedSOPInstanceUID for one in report.CurrentRequestedProcedureEvidenceSequence[0]
                    .ReferencedSeriesSequence[0].ReferencedSOPSequence}  # fmt: skip
        assert referred == {pydicom.dcmread(path).SOPInstanceUID for path in folder.iterdir()}


def test_that_an_image_that_dicom_cannot_refer_to_is_a_problem_with_its_reason(tmp_path: Path) -> None:
    folder = pictures.class_folders(tmp_path / "in", 2)
    dicom(folder / "placeless.dcm", np.zeros((8, 8), np.uint16))
    model = predictor(graphs.segmenter())
    written = write_predictions(predict_folder(model, folder), tmp_path / "out.csv", "dicom")
    problems = [row["problem"] for row in table(written.file)]
    assert written.answered == 0
    assert sum("is no DICOM image" in problem for problem in problems) == 2
    assert sum("where it lies" in problem for problem in problems) == 1


def test_that_the_mask_of_a_slice_as_nifti_lies_where_the_slice_does(tmp_path: Path) -> None:
    folder = series(tmp_path / "in", [5.0])
    (row,) = rows = list(predict_folder(predictor(graphs.segmenter()), folder))
    write_predictions(rows, tmp_path / "out.csv", "nifti")
    image = nibabel.load(tmp_path / table(tmp_path / "out.csv")[0]["mask"])
    corner = np.diag([-1, -1, 1]) @ np.array(read(row.original).ImagePositionPatient, float)
    assert np.allclose(image.affine[:3, 3], corner)
    assert np.array_equal(np.asarray(image.dataobj)[..., 0].T, row.answers[0].mask)


def test_that_the_table_alone_can_be_asked_for(tmp_path: Path) -> None:
    folder = series(tmp_path / "in", [5.0])
    written = write_predictions(predict_folder(predictor(graphs.segmenter()), folder), tmp_path / "out.csv", "csv")
    assert written.pictures is None
    assert table(written.file)[0]["mask"] == ""
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out.csv"}


@pytest.mark.long
def test_that_the_segmentation_of_a_run_on_hearts_lies_on_the_hearts(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "segmentation" / "cardiac_mr_sunnybrook"
    learned = {**pictures.facts(folder, "masks_lv"), "size": (32, 32)}
    graph = graphs.segmenter(kind="dicom_folder", before=["normalise"], **learned)
    run = pictures.new_run(graph, tmp_path / "run", epochs=1, batch=8, device="cpu")
    list(train(run.job))
    dataset = read_dataset(folder, "masks_lv")
    place = folder / Path(dataset.samples[0].path).parent
    rows = [row for row in predict_folder(predictor_of(run.folder), place) if not row.problem]
    written = write_predictions(rows, tmp_path / "out.csv", "dicom")
    assert written.answered == len(rows) > 5
    files = list(tmp_path.glob("out-dicom/segmentation-*.dcm"))
    sources = {str(read(row.original).SOPInstanceUID): row for row in rows}
    seen = 0
    with quietly():
        for file in files:
            found = read(file)
            frames = found.pixel_array.reshape(-1, found.Rows, found.Columns)
            for group, frame in zip(found.PerFrameFunctionalGroupsSequence, frames, strict=True):
                corner = [float(one) for one in group.PlanePositionSequence[0].ImagePositionPatient]
                source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
                row = sources[str(source)]
                image = read(row.original)
                assert corner == pytest.approx([float(one) for one in image.ImagePositionPatient], abs=1e-3)
                shared = found.SharedFunctionalGroupsSequence[0]
                assert list(shared.PixelMeasuresSequence[0].PixelSpacing) == pytest.approx(list(image.PixelSpacing))
                assert list(shared.PlaneOrientationSequence[0].ImageOrientationPatient) == pytest.approx(
                    list(image.ImageOrientationPatient), abs=1e-4
                )
                assert np.array_equal(frame > 0, row.answers[0].mask == 1)
                seen += 1
    assert seen == sum((row.answers[0].mask == 1).any() for row in rows)
