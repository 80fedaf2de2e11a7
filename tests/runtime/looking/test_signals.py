"""Looking inside a network of signals: maps along time, and curves where images have pictures."""

import numpy as np
import pytest

from runtime.data.curves import curve_each
from runtime.looking.explain import explain, sheet
from runtime.looking.features import feature_maps, kernels
from runtime.looking.features import sheet as rows_of
from runtime.looking.flat_kernels import flat_kernels
from runtime.looking.heat import heat, moments
from runtime.looking.kept_maps import KIND, KeptMaps
from runtime.looking.method_names import METHODS
from runtime.looking.previews import SIDE, look
from runtime.looking.record import read_record
from runtime.looking.scatter import scatter
from runtime.looking.strongest import strongest
from runtime.trained import load_trained

BEAT = slice(96, 112)


@pytest.mark.parametrize("method", METHODS)
def test_that_a_map_says_which_moments_of_a_signal_speak_for_an_answer(signals, method):
    made = explain(signals, "beat/1.csv", method, target="beat")
    assert made.found.shape == made.random.shape == (128,)
    assert not np.allclose(made.found, made.random)
    assert "pixel" not in made.record().facts["shows"]
    assert sheet(made).width > 3 * 320
    if method != "gradcam":
        assert np.abs(made.found)[BEAT].mean() > 3 * np.abs(np.delete(made.found, np.r_[BEAT])).mean()


def test_that_a_moment_is_seen_however_few_columns_there_are():
    found = np.zeros(5000, np.float32)
    found[1234] = -1
    assert moments(found, 100).min() == -1
    assert moments(found[:10], 30).shape == (30,)
    assert heat(found, 20, 50).shape == (20, 50, 4)
    assert heat(found, 20, 50)[:, 12, 3].tolist() == [255] * 20


def test_that_the_gallery_keeps_one_row_of_a_signal(signals, tmp_path):
    file = KeptMaps(signals, None, tmp_path).map_of("beat/1.csv", "occlusion")
    assert read_record(file, KIND).arrays["share"].shape == (1, 128)


def test_that_channels_of_a_signal_are_curves_and_its_kernels_columns(signals):
    record = feature_maps(signals, "beat/1.csv", "First")
    assert record.arrays["maps"].shape[0] == 4
    assert record.arrays["maps"].ndim == 3
    own = kernels(signals, "First")
    assert flat_kernels(own).shape == (4, 3, 3)
    assert (np.ptp(flat_kernels(own), axis=1) == 0).all()
    assert rows_of(own).size == rows_of(record).size
    two = curve_each(np.stack([np.zeros(50), np.linspace(0, 1, 50)]).astype(np.float32), 32, 40)
    assert two.shape == (2, 32, 40)
    assert (two[0] == 255).any(axis=1).sum() < (two[1] == 255).any(axis=1).sum()


def test_that_the_cases_that_excite_a_channel_and_those_alike_have_curves_for_pictures(signals):
    found = strongest(signals, "First", 0)
    assert found.facts["signals"]
    assert found.arrays["places"].shape[1] == 1
    assert found.arrays["pictures"].max() == 255
    assert scatter(signals, "pca").arrays["pictures"].max() > 16


def test_that_previews_draw_curves_of_what_is_a_signal(signals):
    trained = load_trained(signals)
    record = look(trained.analysis, 0, trained.network)
    shapes = [len(node["shape"]) for node in record.facts["nodes"]]
    pictures = record.arrays["pictures"][np.array(shapes) == 2]
    assert pictures.shape[1:] == (SIDE, SIDE)
    assert all(picture.shape == (SIDE, SIDE) and (picture == 255).any(axis=0).all() for picture in pictures)
