"""The commands about data, for real: scan, practice, new, and folders that hold surprises."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from runtime.data.practice import write_practice
from runtime.files import load_graph
from tests.runtime.command import answer, done, netloom, table


def test_that_scan_tells_patients_series_and_every_file(practice: Path) -> None:
    record = answer("scan", practice)
    assert record["files"] == record["images"] + len(record["skipped"])
    assert record["patients"] == 12
    assert {"uid", "patient", "modality", "slices", "frames", "rows", "columns", "spacing_mm", "problems"} <= set(
        record["series"][0]
    )
    assert all(len(row["spacing_mm"]) == 3 for row in record["series"])


def test_that_scan_of_a_folder_without_images_has_all_keys_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image", encoding="utf-8")
    ran = netloom("scan", ".", "--json", folder=tmp_path)
    record = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert (record["files"], record["images"], record["patients"], record["series"]) == (1, 0, 0, [])
    assert record["skipped"][0]["path"] == "notes.txt"


def test_that_scan_counts_in_words_as_one_says_it(real_data: Path) -> None:
    said = done("scan", real_data / "attacks", "--no-decode").stdout
    assert "1 file: 1 image in 1 of them, 0 not used." in said
    assert "1 images" not in said


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t1-t2", "lesion", "size"])
def test_that_the_same_seed_writes_the_same_bytes_and_another_does_not(name: str, tmp_path: Path) -> None:
    assert "1 made-up patient in" in done("practice", name, tmp_path / "a", "--patients", 1, "--seed", 5).stdout
    for place, seed in (("b", 5), ("c", 6)):
        write_practice(name, tmp_path / place, 1, seed)
    one, same, other = ({file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
                        for folder in (tmp_path / "a", tmp_path / "b", tmp_path / "c"))  # fmt: skip
    assert one == same
    assert one != other


def test_that_practice_data_are_not_written_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    ran = netloom("practice", "size", tmp_path)
    assert ran.returncode == 1
    assert "not empty" in ran.stderr


def test_that_an_unknown_template_ends_with_1_and_names_the_known(practice: Path, tmp_path: Path) -> None:
    ran = netloom("new", "wonder-net", "--data", practice, "--out", tmp_path / "x.netloom")
    assert ran.returncode == 1
    assert "image-classifier" in ran.stderr


@pytest.mark.slow
def test_that_labels_are_named_in_every_form_and_paths_may_be_relative(sizes: Path) -> None:
    forms = ("labels.csv", "labels.csv:diameter_mm", str(sizes / "labels.csv"), "data/labels.csv")
    for number, labels in enumerate(forms):
        project = sizes.parent / f"new folder {number}" / "numbers.netloom"
        words = ("new", "lenet", "--data", "data", "--labels", labels, "--out", project)
        said = done(*words, folder=sizes.parent).stdout
        assert "diameter_mm" in said, labels
        assert "squared_error" in project.read_text(encoding="utf-8"), labels


def test_that_labels_that_are_not_there_are_refused_with_those_that_are(sizes: Path, tmp_path: Path) -> None:
    for labels in ("nosuch.csv", "labels.csv:nosuch"):
        ran = netloom("new", "lenet", "--data", sizes, "--labels", labels, "--out", tmp_path / "x.netloom")
        assert ran.returncode == 1
        assert "nosuch" in ran.stderr
        assert "labels.csv" in ran.stderr
    assert not (tmp_path / "x.netloom").exists()


def test_that_a_project_without_labels_is_made_and_check_says_what_is_missing(sizes: Path, tmp_path: Path) -> None:
    project = tmp_path / "bare.netloom"
    ran = done("new", "lenet", "--data", sizes, "--labels", "none", "--out", project)
    assert "netloom check" in ran.stderr
    checked = netloom("check", project, "--json")
    assert checked.returncode == 1
    assert any(problem["field"] == "labels" for problem in json.loads(checked.stdout)["problems"])


def test_that_a_project_in_the_way_is_kept_aside_and_a_pattern_that_fits_no_folder_is_said(
    sizes: Path, tmp_path: Path
) -> None:
    project = tmp_path / "mine.netloom"
    project.write_text("my work", encoding="utf-8")
    (tmp_path / "mine.netloom.bak").write_text("older work", encoding="utf-8")
    ran = done("new", "lenet", "--data", sizes, "--patients", "zzz", "--out", project)
    assert "kept as mine.netloom.bak" in ran.stderr
    assert (tmp_path / "mine.netloom.bak").read_text(encoding="utf-8") == "my work"
    assert "The patients setting “zzz” names no folder" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32" or not os.geteuid(), reason="nothing is closed to this user")
def test_that_a_closed_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    ran = netloom("scan", tmp_path)
    assert "0 files: 0 images in 0 of them, 0 not used." in ran.stdout
    assert "1 folder not looked into." in ran.stdout


@pytest.mark.slow
def test_that_programs_lying_among_the_data_are_not_run(practice: Path, tmp_path: Path) -> None:
    data, mark = tmp_path / "data", tmp_path / "was-run"
    shutil.copytree(practice / "T1" / "PRACTICE-001", data / "T1" / "PRACTICE-001")
    shutil.copytree(practice / "T2" / "PRACTICE-001", data / "T2" / "PRACTICE-001")
    for name in ("numpy", "torch", "json", "typer", "pydicom", "PIL", "sitecustomize"):
        (data / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')\n", encoding="utf-8")
    assert answer("scan", data)["patients"] == 1
    done("scan", ".", folder=data)
    done("new", "lenet", "--data", ".", "--out", "../own.netloom", folder=data)
    done("code", "../own.netloom", "--out", "../own.py", folder=data)
    assert not mark.exists()


def test_that_volumes_keep_about_their_size_and_go_in_small_batches(real_data: Path, tmp_path: Path) -> None:
    project = tmp_path / "volumes.netloom"
    done("new", "u-net", "--data", real_data / "segmentation" / "hippocampus_msd", "--out", project)
    shapes = [node["shape"] for node in answer("check", project)["nodes"] if node["type"] == "resize"]
    assert shapes == [[1, 32, 48, 32]]
    assert '"batch": 2' in project.read_text(encoding="utf-8")


@pytest.mark.slow
def test_that_several_folders_of_masks_are_named_and_one_can_be_chosen(real_data: Path, tmp_path: Path) -> None:
    heart = real_data / "segmentation" / "cardiac_mr_sunnybrook"
    words = ("new", "u-net", "--data", heart, "--out", tmp_path / "heart.netloom")
    assert "masks_lv" in done(*words).stderr
    done(*words, "--labels", "masks_lv")
    assert answer("check", tmp_path / "heart.netloom")["ok"]


@pytest.mark.slow
def test_that_every_broken_file_gets_a_row_that_says_why(run: Path, practice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken é"
    (folder / "sub").mkdir(parents=True)
    whole = min(practice.rglob("*.dcm")).read_bytes()
    contents = {"whole.dcm": whole, "half.dcm": whole[: len(whole) // 2], "sub/head.dcm": whole[:300],
                "empty.png": b"", "sub/notes.txt": b"hello", "=1+1.dcm": whole}  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    out = tmp_path / "new" / "answers.csv"
    said = done("predict", run, folder, "--out", out).stdout
    rows = table(out)
    assert [row["path"].removeprefix("'") for row in rows] == sorted(contents)
    assert {row["path"] for row in rows if row["predicted"]} == {"whole.dcm", "'=1+1.dcm"}
    assert all(bool(row["predicted"]) != bool(row["problem"]) for row in rows)
    assert "2 predictions; 4 files have none" in said


def test_that_a_spacing_that_is_no_number_is_refused(practice: Path, tmp_path: Path) -> None:
    ran = netloom("new", "image-classifier", "--data", practice, "--out", tmp_path / "a.netloom", "--spacing", "x")
    assert ran.returncode == 1
    assert "do not fit; give numbers" in ran.stderr
    assert not (tmp_path / "a.netloom").exists()


@pytest.mark.slow
def test_that_a_project_can_take_neighbouring_slices_at_a_spacing(practice: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.netloom"
    words = ("--take", "neighbouring slices", "--neighbours", 3, "--spacing", 4)
    said = done("new", "image-classifier", "--data", practice, "--out", out, *words).stdout
    assert "Taken as neighbouring slices with a spacing of 4 mm" in said
    source = next(node for node in load_graph(out).graph.nodes.values() if node.type == "dicom_folder")
    assert (source.settings["channels"], source.settings["taken"]) == (3, "3 neighbouring slices, 4 mm")
    assert answer("check", out)["ok"]
    refused = netloom(
        "new", "lenet", "--data", practice, "--out", out, "--take", "neighbouring slices", "--neighbours", 4
    )
    assert refused.returncode == 1
    assert "give an odd number" in refused.stderr


def test_that_scan_tells_verdicts_stacks_and_the_tree(practice: Path) -> None:
    record = answer("scan", practice)
    assert record["decoded"]
    assert {row["verdict"] for row in record["series"]} <= {"use", "note"}
    assert all(stack["images"] for row in record["series"] for stack in row["stacks"])
    assert sum(len(study["series"]) for entry in record["tree"] for study in entry["studies"]) == len(record["series"])
    assert not answer("scan", practice, "--no-decode")["decoded"]
