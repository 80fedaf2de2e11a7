"""Warnings that need the pixels, on the Data page: made by the survey's process, judged anew for every division."""

import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from PySide6.QtCore import QPoint, Qt

from designer.data.pixels_note import PixelsNote
from designer.data.survey import Found
from designer.data.tree_entries import entries_of
from designer.data.workspace import DataWorkspace
from runtime.data.warnings_looks import Looks
from runtime.templates import graph_of

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """Parts by folder: a training image comes again in the test part; three images have a name in their border."""
    folder = tmp_path_factory.mktemp("copied") / "films"
    chance = np.random.default_rng(0)
    films = [Image.fromarray(np.kron(chance.integers(40, 160, (8, 8)), np.ones((24, 24))).astype(np.uint8))
             for _ in range(12)]  # fmt: skip
    for film in films[:3]:
        ImageDraw.Draw(film).rectangle((0, 0, 191, 24), fill=20)
        ImageDraw.Draw(film).text((6, 4), "DOE^JANE 1960-02-03", fill=255, font=ImageFont.load_default(size=14))
    for number, film in enumerate([*films, films[5]]):
        part = "test" if number == 12 else "validation" if number in (3, 4, 10, 11) else "train"
        place = folder / part / ("ill" if number % 2 else "well") / f"film{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        film.save(place)
    return folder


def surveyed(qtbot, workspace, folder):
    workspace.open_folder(folder)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)


def said(workspace, words):
    return any(words in text for text in workspace.browser.warnings.texts)


@pytest.mark.slow
def test_that_copies_in_two_parts_and_burned_in_text_are_told_with_their_cases(qtbot, workspace, project, copied):
    project.new(graph_of("lenet"))
    surveyed(qtbot, workspace, copied)
    qtbot.waitUntil(lambda: said(workspace, "in different parts of the data show the same pixels"), timeout=LONG)
    assert said(workspace, "the same pixels under different labels")
    assert said(workspace, "Text is likely burned into the pixels of 3 of 13 images")
    (card,) = (one for one in workspace.browser.warnings.cards if "in different parts" in one.accessibleName())
    show = next(one for one in card.children() if getattr(one, "text", str)() == "Show 2 cases")
    qtbot.mouseClick(show, LEFT)
    book = workspace.browser.book
    assert sorted(book.samples[place].path for place in book.chosen) == ["test/well/film12.png", "train/ill/film5.png"]
    assert "13 cases compared by their pixels" in workspace.browser.warnings.pixels.text.text()


@pytest.mark.slow
def test_that_a_copy_that_is_left_out_is_no_copy_and_undo_brings_it_back(qtbot, workspace, project, copied):
    project.new(graph_of("lenet"))
    surveyed(qtbot, workspace, copied)
    qtbot.waitUntil(lambda: said(workspace, "in different parts"), timeout=LONG)
    book = workspace.browser.book
    assert book.leave_out(book.of_keys(["test/well/film12.png"])) == ""
    qtbot.waitUntil(lambda: not said(workspace, "same pixels"), timeout=LONG)
    assert said(workspace, "Text is likely burned into the pixels of 3 of")
    project.undo()
    project.analyse_now()
    qtbot.waitUntil(lambda: said(workspace, "in different parts"), timeout=LONG)


@pytest.mark.slow
def test_that_a_label_mended_by_hand_ends_the_contradiction(qtbot, workspace, project, copied):
    project.new(graph_of("lenet"))
    surveyed(qtbot, workspace, copied)
    qtbot.waitUntil(lambda: said(workspace, "under different labels"), timeout=LONG)
    book = workspace.browser.book
    assert book.set_label(book.of_keys(["test/well/film12.png"]), "ill") == ""
    qtbot.waitUntil(lambda: not said(workspace, "under different labels"), timeout=LONG)
    qtbot.waitUntil(lambda: said(workspace, "in different parts"), timeout=LONG)


@pytest.mark.slow
def test_that_a_comparison_that_was_cancelled_is_said_and_can_be_made_up_for(qtbot, workspace, project, copied):
    workspace.open_folder(copied)
    qtbot.waitUntil(lambda: bool(workspace.found.dataset), timeout=LONG)
    qtbot.mouseClick(workspace.busy.cancel, LEFT)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    note = workspace.browser.warnings.pixels
    qtbot.waitUntil(lambda: "not compared" in note.text.text(), timeout=LONG)
    assert not workspace.found.problems
    workspace.browser.right.setCurrentIndex(1)
    qtbot.mouseClick(note.again, LEFT)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    qtbot.waitUntil(lambda: "13 cases compared" in note.text.text(), timeout=LONG)
    assert not note.again.isVisible()


def test_that_the_note_says_how_it_stands(qtbot, tmp_path):
    note = PixelsNote()
    qtbot.addWidget(note)
    found = Found(tmp_path)
    note.show_found(found)
    assert "still to be compared" in note.text.text()
    assert note.again.isHidden()
    found.unseen = "The work ended unexpectedly: it was killed."
    note.show_found(found)
    assert "not compared (The work ended unexpectedly: it was killed)" in note.text.text()
    assert not note.again.isHidden()
    found.looks, found.compared = Looks(), 4
    note.show_found(found)
    assert note.text.text().startswith("4 cases compared by their pixels")
    assert note.text.text().endswith("Text is not looked for in volumes.")


@pytest.mark.slow
def test_that_what_a_division_does_wrong_is_a_warning_that_leads_to_the_split(qtbot, workspace, project, tmp_path):
    for part, patient in (("train", "a"), ("train", "b"), ("validation", "a")):
        for label in ("ill", "well"):
            place = tmp_path / part / label / f"{patient}-{label}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (40, 40), 90).save(place)
    rows = [f"{place.relative_to(tmp_path).as_posix()},{place.parent.name},{place.name[0]},{place.parts[-3]}"
            for place in sorted(tmp_path.rglob("*.png"))]  # fmt: skip
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,patient,split", *rows]))
    project.new(graph_of("lenet"))
    surveyed(qtbot, workspace, tmp_path)
    qtbot.waitUntil(lambda: said(workspace, "1 patient has images in more than one of the parts"), timeout=LONG)
    card = next(one for one in workspace.browser.warnings.cards if "1 patient has images" in one.accessibleName())
    qtbot.mouseClick(next(one for one in card.children() if getattr(one, "text", str)() == "See the split"), LEFT)
    assert workspace.browser.right.tabText(workspace.browser.right.currentIndex()) == "Split"


@pytest.mark.slow
def test_that_descriptions_people_wrote_show_with_the_names_alone(qtbot, workspace, real_data):
    surveyed(qtbot, workspace, real_data / "dicom_zoo" / "dcmqi" / "segmentations")
    browser = workspace.browser
    browser.left.setCurrentWidget(browser.tree)

    def shown():
        found, below = [], list(entries_of(browser.book))
        while below:
            entry = below.pop()
            found.append(entry.title)
            below += entry.children
        return [*found, *browser.viewer.shown.title]

    traits = workspace.found.traits.values()
    told = {str(one.get(name, "")) for one in traits for name in ("series_name", "study_name")}
    descriptions = {text for text in told if len(text) > 4}
    assert descriptions
    assert not [title for title in shown() if any(text in title for text in descriptions)]
    assert not any(".dcm" in text for text in browser.warnings.texts)
    qtbot.mouseClick(browser.names_box, LEFT, pos=QPoint(8, browser.names_box.height() // 2))
    assert [title for title in shown() if any(text in title for text in descriptions)]


def descendants(root):
    """The processes below one, by their ids, from the system's own lists."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(place.parent.name)] = int(parent)
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system has no list of processes in /proc")
@pytest.mark.parametrize("words", ["Reading", "Comparing pixels"])
def test_that_closing_while_a_folder_is_read_leaves_no_process(qtbot, project, real_data, words):
    before = descendants(os.getpid())
    workspace = DataWorkspace(project)
    qtbot.addWidget(workspace)
    workspace.open_folder(real_data / "dicom_zoo")
    qtbot.waitUntil(lambda: workspace.busy.text.text().startswith(words), timeout=LONG)
    qtbot.waitUntil(lambda: bool(descendants(os.getpid()) - before), timeout=LONG)
    started = descendants(os.getpid()) - before
    workspace.close_down()
    qtbot.waitUntil(lambda: not any(Path(f"/proc/{one}").exists() for one in started - zombies(started)), timeout=LONG)


def zombies(some):
    """Those that have ended already and wait to be taken note of."""
    gone = set()
    for one in some:
        with suppress(OSError):
            if Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                gone.add(one)
    return gone
