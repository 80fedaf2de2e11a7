"""Masks that a model made lie on their images, and hold the values of the masks that were learned from."""

from itertools import permutations, product

import nibabel
import numpy as np
import pytest
import torch
from nibabel import orientations

from runtime.compile import compile_graph
from runtime.delivery.contract import contract_of
from runtime.delivery.pictures import values_of
from runtime.delivery.predict import TrainedPredictor, predict_folder, write_predictions
from tests.builders import graphs
from tests.runtime.command import table

SIDES = (6, 8, 10)  # slices, rows, columns as the network sees them
WAYS = ["".join(way) for pairs in permutations(("RL", "AP", "SI")) for way in product(*pairs)]


def predictor(classes):
    torch.manual_seed(0)
    graph = graphs.segmenter(size=SIDES, found_size=SIDES, classes=classes)
    network = compile_graph(graphs.sound(graph)).eval()
    return TrainedPredictor(network, contract_of(network.analysis))


def test_that_a_mask_lies_on_its_volume_in_each_of_48_orientations_and_oblique(tmp_path):
    values = np.random.default_rng(0).normal(0, 100, SIDES[::-1]).astype(np.float32)
    affine = np.array([[1.1, 0, 0, -40], [0, 0.88, -0.5, 12.5], [0, 0.18, 2.4, 7], [0, 0, 0, 1.0]])
    (tmp_path / "in").mkdir()
    for way in WAYS:
        turned = orientations.ornt_transform(orientations.io_orientation(affine), orientations.axcodes2ornt(tuple(way)))
        nibabel.save(nibabel.Nifti1Image(values, affine).as_reoriented(turned), tmp_path / "in" / f"{way}.nii.gz")
    model = predictor(("background", "4", "10"))
    written = write_predictions(predict_folder(model, tmp_path / "in"), tmp_path / "out.csv")
    rows = table(written.file)
    assert len(rows) == 48
    first = nibabel.load(tmp_path / next(row["mask"] for row in rows if row["path"] == "RAS.nii.gz"))
    labels = np.unique(first.dataobj)
    assert len(labels) > 1
    assert set(labels.tolist()) <= {0, 4, 10}
    for row in rows:
        image, mask = nibabel.load(tmp_path / "in" / row["path"]), nibabel.load(tmp_path / row["mask"])
        assert mask.shape == image.shape
        assert np.allclose(mask.affine, image.affine, atol=1e-5)
        assert np.array_equal(nibabel.as_closest_canonical(mask).dataobj, first.dataobj)


@pytest.mark.parametrize(
    ("classes", "values"),
    [
        (("background", "4", "10"), [0, 4, 10]),
        (("background", "1", "2"), [0, 1, 2]),
        (("1", "2", "7"), [1, 2, 7]),
        (("background", "foreground"), [0, 1]),
        (("background", "left", "2"), [0, 1, 2]),
        (("background", "70000", "2"), [0, 1, 2]),
    ],
)
def test_that_a_mask_holds_the_values_that_its_classes_are_named_after(classes, values):
    assert values_of(classes).tolist() == values
