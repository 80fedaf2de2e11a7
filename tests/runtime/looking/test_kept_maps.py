"""Maps of many cases are made once, kept with the run without a name, and made anew when case or weights change."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from runtime.cli.answering import answered
from runtime.cli.gallery_maps import MapServer
from runtime.errors import RunError
from runtime.looking.explain import explain
from runtime.looking.features import feature_maps
from runtime.looking.kept_maps import KeptMaps
from runtime.looking.record import read_record
from runtime.runs import Run
from tests.builders import pictures

CASE = "bright/case001.png"


@pytest.fixture
def run(discs, tmp_path):
    """A copy of the run, which has no maps yet."""
    return Run(shutil.copytree(discs.folder.parent, tmp_path / "copy") / discs.folder.name)


@pytest.fixture
def elsewhere(tmp_path):
    """Another folder of such pictures, with another case of the same name."""
    folder = pictures.class_folders(tmp_path / "elsewhere", 8)
    shutil.copyfile(folder / "bright" / "case003.png", folder / CASE)
    return folder


def test_that_a_map_is_made_once_and_kept_without_the_name_of_the_case(run, tmp_path):
    file = KeptMaps(run, None, tmp_path).map_of(CASE, "gradcam")
    record = read_record(file, "case-map")
    share = record.arrays["share"]
    assert file.parent == run.folder / "maps"
    assert (share.dtype, share.shape, int(np.abs(share).max())) == (np.int8, (16, 16), 127)
    assert record.facts["sanity"]["sentence"]
    assert b"case001" not in file.read_bytes()
    before = file.stat().st_mtime_ns
    assert KeptMaps(run, None, tmp_path).map_of(CASE, "gradcam") == file
    assert file.stat().st_mtime_ns == before


def test_that_other_methods_weights_and_folders_have_maps_of_their_own(run, elsewhere, tmp_path):
    maps = KeptMaps(run, None, tmp_path)
    files = {maps.map_of(CASE, "gradcam"), maps.map_of(CASE, "gradients")}
    files.add(KeptMaps(run, elsewhere, tmp_path).map_of(CASE, "gradcam"))
    best = run.folder / "checkpoints" / "best.safetensors"
    os.utime(best, ns=(1, 1))
    assert maps.outdated
    files.add(KeptMaps(run, None, tmp_path).map_of(CASE, "gradcam"))
    assert len(files) == 4


def test_that_a_map_that_is_damaged_is_made_anew(run, tmp_path):
    file = KeptMaps(run, None, tmp_path).map_of(CASE, "gradcam")
    file.write_bytes(b"PK and nothing")
    assert KeptMaps(run, None, tmp_path).map_of(CASE, "gradcam") == file
    assert read_record(file, "case-map").arrays["share"].shape == (16, 16)


def test_that_the_process_answers_each_case_or_says_why_not(run, tmp_path):
    ask = {"run": str(run.folder), "data": "", "method": "occlusion"}
    lines = [json.dumps({"id": 1, **ask, "case": CASE}), json.dumps({"id": 2, **ask, "case": "gone.png"})]
    first, second = answered(lines, MapServer(tmp_path).map_of)
    assert read_record(Path(first["file"]), "case-map").facts["method"] == "occlusion"
    assert "no case “gone.png”" in second["error"]


def test_that_a_case_of_another_folder_is_explained_and_shown_layer_by_layer(discs, elsewhere):
    own, other = explain(discs, CASE, "gradients"), explain(discs, CASE, "gradients", data=elsewhere)
    assert (other.case.key, other.case.truth, other.case.cases) == (CASE, "bright", 8)
    assert not np.allclose(own.case.image, other.case.image)
    assert not np.allclose(own.found, other.found)
    layers = [feature_maps(discs, CASE, "First", data).arrays["maps"] for data in (None, elsewhere)]
    assert not np.array_equal(*layers)
    with pytest.raises(RunError, match="cannot be used"):
        explain(discs, CASE, "gradients", data=elsewhere / "nowhere")
