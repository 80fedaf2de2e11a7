"""The crash journal: wherever it is cut off, all but the step that was being written comes back."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.document import Document
from runtime.graph import Graph, Node, Training, Wire
from runtime.journal import Journal
from runtime.journal_lines import Head, head_out
from runtime.owner import Owner, this_process
from runtime.recovery import read_journal, recoverable, replay

GONE = Owner(this_process().pid, "an earlier process with this number", this_process().host)
ANY_NAME = st.text(max_size=6)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "connect", "change", "type", "train", "undo", "redo", "fail"]),
        st.integers(0, 5),
        st.integers(0, 5),
        ANY_NAME,
    ),
    max_size=25,
)


def no_trouble(reason):
    raise AssertionError(reason)


def edit(document, kind, one, other, text):
    """One command of a user; where it does not fit the drawing, nothing."""
    ids = list(document.nodes)
    if kind == "undo":
        document.undo()
    elif kind == "redo":
        document.redo()
    elif kind == "train":
        with document.edit("Epochs"):
            document.train_with(Training(epochs=one + 1, watch=text))
    elif kind == "add":
        with document.edit(f"Add {text}"):
            document.add("dense", text, (one / 3, float(other)), {"units": one, "names": [text, None]})
    elif ids:
        edit_node(document, kind, ids[one % len(ids)], ids[other % len(ids)], text)


def edit_node(document, kind, node, other, text):
    if kind == "type":
        with document.edit("Rename", merge=f"rename {node}"):
            document.change(node, name=text)
    elif kind == "fail":
        with suppress(ZeroDivisionError), document.edit("Remove"):
            document.remove(node)
            raise ZeroDivisionError
    else:
        with document.edit(kind):
            if kind == "remove":
                document.remove(node)
            elif kind == "connect":
                document.connect(Wire(node, "out", other, text))
            else:
                document.change(node, rate=len(text) / 7)


@given(EDITS, EDITS, st.data())
@settings(max_examples=200, deadline=None)
def test_that_a_journal_cut_at_any_byte_lacks_at_most_the_last_step(tmp_path_factory, before, edits, data):
    folder = tmp_path_factory.mktemp("journals")
    document = Document()
    for entry in before:
        edit(document, *entry)
    document.seal()
    journal = Journal(folder, no_trouble)
    journal.begin(document, None, "")
    history = [document.graph()]
    document.observe_steps(lambda done, step: history.append(document.graph()))
    for entry in edits:
        edit(document, *entry)
    content = journal.path.read_bytes() if journal.path else b""
    journal.end()
    cut = data.draw(st.integers(0, len(content)))
    torn = folder / "torn.journal"
    torn.write_bytes(content[:cut])
    found = read_journal(torn)
    back = replay(found) if found else history[0]
    whole = max(0, content[:cut].count(b"\n") - 1)
    assert back in history[whole : whole + 2]
    if cut == len(content):
        assert back == document.graph()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journals"


@pytest.fixture
def journal(folder):
    journal = Journal(folder, no_trouble)
    yield journal
    journal.end()


def add(document, name="Dense"):
    with document.edit("Add dense"):
        document.add("dense", name)


def orphan(journal, path):
    """A copy of a journal as a process that is gone would have left it."""
    head, _, rest = journal.path.read_text(encoding="ascii").partition("\n")
    read = {**json.loads(head), "owner": asdict(GONE)}
    path.write_text(json.dumps(read) + "\n" + rest, encoding="ascii")


def test_that_a_journal_begins_with_the_first_step_and_goes_when_all_is_saved(folder, journal):
    document = Document()
    journal.begin(document, Path("chest.netloom"), "5a")
    assert not folder.exists()
    add(document)
    found = read_journal(journal.path)
    assert (found.project, found.head.sha256, found.head.graph) == (Path("chest.netloom"), "5a", Graph())
    assert [step.label for step in found.steps] == ["Add dense"]
    journal.begin(document, Path("chest.netloom"), "5b")
    assert list(folder.iterdir()) == []
    document.undo()
    found = read_journal(journal.path)
    assert [step.label for step in found.steps] == ["Undo: Add dense"]
    assert replay(found) == Graph()


def test_that_the_journal_of_a_living_process_is_not_offered(folder, journal):
    document = Document()
    journal.begin(document, None, "")
    add(document)
    assert recoverable(folder) == []
    assert journal.path.exists()


def test_that_a_journal_of_another_machine_is_left_alone(folder, journal):
    document = Document()
    journal.begin(document, None, "")
    add(document)
    text = journal.path.read_text(encoding="ascii")
    far = folder / "far.journal"
    far.write_text(text.replace(json.dumps(this_process().host), '"another machine"'), encoding="ascii")
    assert recoverable(folder) == []
    assert far.exists()


def test_that_what_was_typed_in_one_go_is_one_step_and_what_was_taken_back_is_none(folder, journal):
    document = Document(Graph({"a": Node("a", "dense", "A")}))
    journal.begin(document, None, "")
    for name in ("B", "BC", "BCD"):
        with document.edit("Rename", merge="rename a"):
            document.change("a", name=name)
    add(document)
    document.undo()
    orphan(journal, folder / "lost.journal")
    (found,) = recoverable(folder)
    assert [step.label for step in found.steps] == ["Rename"]
    assert replay(found) == document.graph()


def test_that_a_journal_with_nothing_new_is_removed(folder, journal):
    document = Document()
    journal.begin(document, None, "")
    add(document)
    document.undo()
    orphan(journal, folder / "lost.journal")
    assert recoverable(folder) == []
    assert not (folder / "lost.journal").exists()


DAMAGED = {
    "empty": "{}",
    "list": "[]",
    "word": "nonsense",
    "zeros": "\0" * 40,
    "deep": "[" * 100_000,
    "kind": '{"done":"do","label":"x","changes":[{"kind":"Gone"}]}',
    "node": '{"done":"do","label":"x","changes":[{"kind":"NodeRemoved","node":{},"at":0}]}',
    "fields": '{"done":"do","label":"x","changes":[{"kind":"NodeRemoved"}]}',
    "unfit": '{"done":"do","label":"x","changes":[{"kind":"NodeRemoved","at":0,"node":'
    '{"id":"gone","type":"dense","name":"","settings":{},"position":[0,0]}}]}',
}


@pytest.mark.parametrize("line", DAMAGED.values(), ids=DAMAGED)
def test_that_what_follows_a_damaged_line_is_left_out(folder, journal, line):
    document = Document()
    journal.begin(document, None, "")
    add(document)
    with journal.path.open("a", encoding="ascii") as file:
        file.write(line + "\n")
    add(document)
    assert len(read_journal(journal.path).steps) == 1


def test_that_a_file_that_is_no_journal_is_left_where_it_is(folder):
    folder.mkdir()
    (folder / "x.journal").write_text("{}\n", encoding="ascii")
    (folder / "y.journal").write_text(head_out(Head(GONE, None, "", Graph()))[:-9], encoding="ascii")
    assert recoverable(folder) == []
    assert len(list(folder.iterdir())) == 2


def test_that_a_journal_that_cannot_be_written_says_so_once_and_editing_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    told = []
    journal = Journal(tmp_path / "file", told.append)
    document = Document()
    journal.begin(document, None, "")
    add(document)
    add(document)
    assert len(told) == 1
    assert len(document.nodes) == 2
    journal.end()


KILLED = """
import os, signal, sys
from pathlib import Path
from runtime.document import Document
from runtime.journal import Journal
document, journal = Document(), Journal(Path(sys.argv[1]), print)
journal.begin(document, None, "")
for number in range(int(sys.argv[2])):
    with document.edit("Add"):
        document.add("dense", str(number))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed by a signal")
def test_that_a_killed_process_lost_no_step(folder):
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-P", "-c", KILLED, str(folder), "7"], check=False, cwd=root,
                   env={**os.environ, "PYTHONPATH": str(root)})  # fmt: skip
    (found,) = recoverable(folder)
    assert [node.name for node in replay(found).nodes.values()] == [str(number) for number in range(7)]
