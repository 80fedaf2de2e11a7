"""Tables of labels in the encodings of other scripts and systems: found, told, and named where the guess is wrong."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime.data.catalogue import DataError, DataSet
from runtime.data.label_table import preview
from runtime.data.labels import read_dataset
from runtime.data.table_choice import with_encoding
from runtime.files import load_graph
from runtime.source_data import labels_in
from tests.runtime.command import netloom


def pictures(folder: Path) -> Path:
    for number in range(6):
        Image.fromarray(np.full((8, 8), number, np.uint8)).save(folder / f"img{number}.png")
    return folder


def texts(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


RUSSIAN = "снимок;диагноз\nimg0.png;норма\nimg1.png;опухоль лёгкого\nimg2.png;Болен\n"
GREEK = "εικόνα;διάγνωση\nimg0.png;υγιής\nimg1.png;ασθενής\nimg2.png;Όγκος\n"
GERMAN = "Bild;Befund\nimg0.png;gutartig für\nimg1.png;bösartig\nimg2.png;Größe unverändert\n"
FRENCH = "image;résultat\nimg0.png;bénin\nimg1.png;tumeur très maligne\nimg2.png;à l’œil\n"


@pytest.mark.parametrize(
    ("text", "encoding", "how"),
    [
        (RUSSIAN, "cp1251", "Windows-1251"),
        (RUSSIAN, "koi8_r", "KOI8-R"),
        (RUSSIAN, "iso8859_5", "ISO 8859-5"),
        (RUSSIAN, "cp866", "DOS Cyrillic (CP866)"),
        (RUSSIAN.replace("норма", "норма".upper()), "koi8_r", "KOI8-R"),
        (GREEK, "cp1253", "Windows-1253 (Greek)"),
        (GREEK, "mac_greek", ""),
        (GERMAN, "mac_roman", "Mac Roman"),
        (GERMAN, "cp1252", "Windows-1252"),
        (FRENCH, "mac_roman", "Mac Roman"),
        (FRENCH, "cp1252", "Windows-1252"),
    ],
)
def test_that_tables_of_other_scripts_and_systems_are_read(tmp_path: Path, text: str, encoding: str, how: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    rows = tuple(tuple(line.split(";")) for line in text.splitlines())
    if how:  # where it is not found it can be named
        shown = preview(tmp_path / "a.csv")
        assert (shown.columns, *shown.rows) == rows
        assert shown.how == f"{how}, separated by semicolon"
    named = preview(tmp_path / "a.csv", encoding=encoding)
    assert (named.columns, *named.rows) == rows


def test_that_greek_of_either_standard_gives_the_same_letters(tmp_path: Path) -> None:
    text = GREEK.replace("Ό", "\u039f")
    (tmp_path / "a.csv").write_bytes(text.encode("iso8859_7"))
    assert preview(tmp_path / "a.csv").rows[2] == ("img2.png", "Ογκος")


def test_that_a_wrong_guess_is_put_right_by_naming_the_encoding(tmp_path: Path) -> None:
    rows = ["path,Διάγνωση", *(f"img{number}.png,{'αβ'[number % 2]}" for number in range(6)), "gone.png,α"]
    (pictures(tmp_path) / "t.csv").write_bytes("\n".join(rows).encode("mac_greek"))
    chosen = with_encoding("t.csv:Διάγνωση", "mac-greek")
    assert chosen == "t.csv@mac-greek:Διάγνωση"
    dataset = read_dataset(tmp_path, chosen)
    assert (dataset.counts(), dataset.labels) == ({"α": 3, "β": 3}, chosen)
    assert "1 row of t.csv names no image of the folder: gone.png." in texts(dataset)
    assert "--encoding" not in texts(dataset)
    assert read_dataset(tmp_path, with_encoding(chosen, "mac-greek")).fingerprint == dataset.fingerprint
    guessed = read_dataset(tmp_path, "t.csv")
    assert "if letters look wrong, name its encoding (--encoding)" in texts(guessed)
    assert "gone.png" in texts(guessed)
    with pytest.raises(DataError, match=r"“klingon” is no known encoding of t\.csv; give one such as utf-8"):
        read_dataset(tmp_path, "t.csv@klingon")
    with pytest.raises(DataError, match=r"t.csv is not written in utf-8: its byte \d+ has no meaning there"):
        read_dataset(tmp_path, "t.csv@utf-8")
    with pytest.raises(DataError, match="name the table"):
        with_encoding("", "cp1253")


def test_that_the_command_line_takes_an_encoding(tmp_path: Path) -> None:
    rows = ["path,label", *(f"img{number}.png,{'αβ'[number % 2]}" for number in range(6))]
    (pictures(tmp_path) / "t.csv").write_bytes("\n".join(rows).encode("mac_greek"))
    words = ["new", "image-classifier", "--data", tmp_path, "--out", tmp_path / "p.netloom", "--encoding", "mac-greek"]
    assert netloom(*words, "--labels", "t.csv").returncode == 0
    node = next(node for node in load_graph(tmp_path / "p.netloom").graph.nodes.values() if node.settings.get("folder"))
    assert (node.settings["labels"], node.settings["classes"]) == ("t.csv@mac-greek", ["α", "β"])
    assert labels_in(node, tmp_path) == "t.csv@mac-greek"
    alone = netloom(*words)
    assert alone.returncode != 0
    assert "An encoding is that of a table" in " ".join(alone.stderr.split())
