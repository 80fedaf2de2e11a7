"""Import from a PACS, tried on a real Orthanc on loopback; and what holds without one."""

import ast
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.data.practice import write_practice
from runtime.errors import InputError
from runtime.pacs.address import DicomAddress, Question, Wanted, WebAddress, address_of, question_of, wanted_of
from runtime.pacs.events import Fetched, Progress, Series, Study
from runtime.pacs.faults import PacsError, rejected, status_problem
from runtime.pacs.fetch import fetch
from runtime.pacs.query import NothingFound, find
from runtime.pacs.query import test_connection as try_connection
from runtime.pacs.receive import Receiver, file_name, identity, patient_folder
from runtime.pacs.records import fits
from tests.builders import orthanc as builder
from tests.runtime.command import ENVIRONMENT, words_of

ROOT = Path(__file__).resolve().parent.parent.parent
NETWORK = {"pynetdicom", "dicomweb_client", "requests", "urllib3", "socket", "ssl", "http", "ftplib", "smtplib"}
MR = Question(modality="MR")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sent") / "data"
    write_practice("t1-t2", folder, 2)
    return sorted(folder.rglob("*.dcm"))


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory, images):
    if builder.PROGRAM is None:
        pytest.skip("Orthanc (Debian package orthanc) is not installed on this machine")
    made = builder.start(tmp_path_factory.mktemp("orthanc"))
    try:
        for file in images:
            made.store(file)
        yield made
    finally:
        made.process.terminate()
        made.process.wait(30)


@pytest.fixture
def dicom(orthanc):
    return DicomAddress("127.0.0.1", orthanc.dicom, "ARCHIVE", "NETLOOM", listen_port=orthanc.ours, timeout_s=20)


@pytest.fixture
def web(orthanc):
    if not builder.PLUGIN.exists():
        pytest.skip("Orthanc's DICOMweb (Debian package orthanc-dicomweb) is not installed on this machine")
    return WebAddress(orthanc.url, builder.USER, builder.PASSWORD, timeout_s=20)


@pytest.fixture(params=["get", "move", "web"])
def address(request):
    if request.param == "web":
        return request.getfixturevalue("web")
    return replace(request.getfixturevalue("dicom"), way=request.param)


def studies(address, question=MR):
    return [found for found in find(address, question) if isinstance(found, Study)]


def everything(address):
    return [Wanted(study.uid) for study in studies(address)]


def whole(folder):
    return {pydicom.dcmread(path).SOPInstanceUID: path for path in folder.rglob("*.dcm")}


def same(sent, got):
    """Whether two files hold the same image of the same patient."""
    one, other = pydicom.dcmread(sent), pydicom.dcmread(got)
    return one == other and one.PixelData == other.PixelData and one.PatientID == other.PatientID


def test_that_a_pacs_that_is_there_answers(dicom, web):
    try_connection(dicom)
    try_connection(web)


@pytest.mark.parametrize(
    ("question", "patients"),
    [
        (Question(patient_id="PRACTICE-002"), ["PRACTICE-002"]),
        (Question(patient_name="practice-001"), ["PRACTICE-001"]),
        (Question(since="2020-01-01", until="2020-01-31"), ["PRACTICE-001", "PRACTICE-002"]),
        (Question(modality="mr", description="HEAD"), ["PRACTICE-001", "PRACTICE-002"]),
    ],
)
@pytest.mark.parametrize("protocol", ["dicom", "web"])
def test_that_studies_are_found_with_their_series(request, protocol, question, patients):
    found = list(find(request.getfixturevalue(protocol), question))
    listed = [item for item in found if isinstance(item, Study)]
    assert sorted(study.patient_id for study in listed) == patients
    assert {study.date for study in listed} == {"2020-01-01"}
    for study in listed:
        below = [item for item in found if isinstance(item, Series) and item.study == study.uid]
        assert sorted(series.description for series in below) == ["T1 axial", "T2 axial"]
        assert all(series.images and series.modality == "MR" for series in below)


@pytest.mark.parametrize("protocol", ["dicom", "web"])
@pytest.mark.parametrize(
    "question",
    [Question(patient_id="NOBODY"), Question(since="2021-01-01"), Question(modality="CT"), Question(accession="17")],
)
def test_that_an_unknown_patient_is_said_to_be_not_found(request, protocol, question):
    with pytest.raises(NothingFound, match="no study that fits"):
        list(find(request.getfixturevalue(protocol), question))


@pytest.mark.slow
def test_that_what_is_fetched_is_what_was_sent(address, images, tmp_path):
    told = list(fetch(address, everything(address), tmp_path / "in", keep_free=0))
    ended = told[-1]
    assert isinstance(ended, Fetched)
    assert (ended.fetched, ended.present, ended.missing) == (len(images), 0, 0)
    got = whole(tmp_path / "in")
    assert len(got) == len(images)
    assert all(same(path, got[pydicom.dcmread(path).SOPInstanceUID]) for path in images)
    assert {path.parent.name for path in got.values()} == {"PRACTICE-001", "PRACTICE-002"}
    counts = [event.files for event in told if isinstance(event, Progress)]
    assert counts == sorted(counts)
    assert all(event.of == len(images) for event in told if isinstance(event, Progress))
    assert ended.bytes == sum(path.stat().st_size for path in got.values())


def test_that_one_series_comes_alone(dicom, tmp_path):
    chosen = next(item for item in find(dicom, MR) if isinstance(item, Series))
    told = list(fetch(dicom, [Wanted(chosen.study, chosen.uid)], tmp_path, keep_free=0))
    assert told[-1].fetched == chosen.images == len(whole(tmp_path))


@pytest.mark.long
def test_that_a_cancelled_fetch_goes_on_where_it_ended(address, images, tmp_path):
    over, first = threading.Event(), []
    for event in fetch(address, everything(address), tmp_path, over, keep_free=0):
        first.append(event)
        if isinstance(event, Progress) and event.files:
            over.set()
    kept = whole(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in kept.values()}
    assert first[-1].cancelled
    assert 0 < first[-1].fetched == len(kept) < len(images)
    second = list(fetch(address, everything(address), tmp_path, keep_free=0))
    assert (second[-1].present, second[-1].fetched) == (len(kept), len(images) - len(kept))
    assert len(whole(tmp_path)) == len(images)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    third = list(fetch(address, everything(address), tmp_path, keep_free=0))
    assert (third[-1].fetched, third[-1].bytes) == (0, 0)


@pytest.mark.long
def test_that_single_lost_images_are_fetched_alone(address, images, tmp_path):
    list(fetch(address, everything(address), tmp_path, keep_free=0))
    for path in list(whole(tmp_path).values())[::7]:
        path.unlink()
    again = list(fetch(address, everything(address), tmp_path, keep_free=0))
    assert again[-1].fetched == len(images[::7])
    assert len(whole(tmp_path)) == len(images)


@pytest.mark.slow
def test_that_a_pacs_without_c_get_sends_by_c_move(dicom, images, tmp_path):
    told = list(fetch(replace(dicom, calling="MOVEONLY"), everything(dicom), tmp_path, keep_free=0))
    assert told[-1].fetched == len(images)


def test_that_a_full_disk_is_said_before_and_nothing_is_lost(dicom, tmp_path):
    with pytest.raises(PacsError, match=r"disk of .* is full.* fetch again"):
        list(fetch(dicom, everything(dicom), tmp_path, keep_free=shutil.disk_usage(tmp_path).total * 2))


def test_that_a_disk_that_fills_up_meanwhile_ends_the_fetch_with_a_sentence(dicom, tmp_path, monkeypatch):
    real, asked = shutil.disk_usage, []

    def usage(path):
        asked.append(path)
        return real(path)._replace(free=10**12 if len(asked) < 8 else 10)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(PacsError, match="is full"):
        list(fetch(dicom, everything(dicom), tmp_path, keep_free=1000))
    assert 0 < len(whole(tmp_path)) < 10
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"called": "NOBODY"}, "does not know the AE title “NOBODY”"),
        ({"calling": "STRANGER"}, "broke the connection off"),
        ({"port": 1}, "refused the connection: check the port"),
        ({"host": "no-such-host.invalid"}, "no host “no-such-host.invalid”"),
        ({"tls": True}, "TLS"),
    ],
)
def test_that_each_wrong_address_is_said_in_a_sentence(dicom, change, said):
    with pytest.raises(PacsError, match=said):
        list(find(replace(dicom, **change), MR))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "HTTP 401"),
        ({"url": "http://127.0.0.1:1/dicom-web"}, "refused the connection"),
        ({"url": "http://no-such-host.invalid/dicom-web"}, "no host “no-such-host.invalid”"),
    ],
)
def test_that_each_wrong_url_is_said_in_a_sentence(web, change, said):
    with pytest.raises(PacsError, match=said):
        list(find(replace(web, **change), MR))


def test_that_another_path_and_another_service_are_told_from_dicomweb(web, orthanc):
    with pytest.raises(PacsError, match="HTTP 404"):
        try_connection(replace(web, url=web.url + "-not"))
    with pytest.raises(PacsError, match="TLS"):
        try_connection(replace(web, url=web.url.replace("http:", "https:")))


def test_that_a_destination_the_pacs_does_not_know_is_said(dicom, tmp_path):
    with pytest.raises(PacsError, match=r"does not know|broke the connection off"):
        list(fetch(replace(dicom, calling="STRANGER", way="move"), everything(dicom), tmp_path, keep_free=0))


@pytest.mark.long
def test_that_the_commands_find_and_fetch_with_the_exit_codes_of_the_contract(dicom, images, tmp_path):
    where = ["--host", dicom.host, "--port", str(dicom.port), "--called", "ARCHIVE"]

    def call(*words):
        return subprocess.run(
            words_of("pacs", *words), capture_output=True, text=True, env=ENVIRONMENT, timeout=100, check=False
        )

    found = call("find", *where, "--modality", "MR", "--json")
    assert found.returncode == 0, found.stderr
    listed = json.loads(found.stdout)["studies"]
    assert [len(study["series"]) for study in listed] == [2, 2]
    done = call("fetch", *where, listed[0]["uid"], "--into", str(tmp_path / "in"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fetched"] == len(whole(tmp_path / "in")) == listed[0]["images"]
    assert "PRACTICE" not in done.stdout + done.stderr
    assert call("find", *where, "--patient-id", "NOBODY").returncode == 1
    assert call("find", *where).returncode == 1
    assert call("fetch", *where).returncode == 2
    assert call("test", "--host", dicom.host, "--port", "1").returncode == 3


def test_that_the_end_of_stdin_cancels_and_no_word_of_the_call_names_a_patient(dicom, tmp_path):
    request = {
        "address": {"host": dicom.host, "port": dicom.port, "called": "ARCHIVE"},
        "wanted": [item.study for item in everything(dicom)],
        "folder": str(tmp_path),
    }
    words = words_of("pacs", "fetch", "--request", "-", "--events")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            if json.loads(line).get("files"):
                process.stdin.close()
                break
        rest = [json.loads(line) for line in process.stdout]
        assert process.wait(60) == 3
    assert rest[-1]["cancelled"]
    assert rest[-1]["fetched"] == len(whole(tmp_path)) > 0


NAMES = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["../../up", "..", ".", "/etc/passwd", "C:\\x", "a/b", "1.2/../../3", "CON", "1.2\n3", "nul.dcm", ""]
    ),
)


@given(NAMES, NAMES)
def test_that_no_name_from_a_pacs_leads_out_of_the_folder(uid, patient):
    for name in (file_name(uid), patient_folder(patient)):
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert name not in (".", "..")
        assert len(name) < 70
    assert patient_folder(patient) in ("", patient)


def test_that_hostile_files_stay_in_the_folder(images, tmp_path):
    inside, outside = tmp_path / "a" / "in", tmp_path / "a" / "elsewhere"
    outside.mkdir(parents=True)
    receiver = Receiver(inside, 0)
    (inside / "LINKED").symlink_to(outside)
    content = images[0].read_bytes()
    uid, series, patient = identity(content)
    receiver.expect([series])
    hostile = "../" * 9 + "up"
    assert receiver.keep(content.replace(uid.encode(), hostile.ljust(len(uid), "x").encode()))
    assert receiver.keep(content.replace(patient.encode(), b"../../../../"))
    assert len(list(inside.rglob("*.dcm"))) == 2
    assert [path for path in tmp_path.rglob("*") if path.is_file() and inside not in path.parents] == []


def test_that_a_link_in_the_folder_is_not_followed_out_of_it(images, tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    outside.mkdir()
    receiver = Receiver(inside, 0)
    content = images[0].read_bytes()
    _, series, patient = identity(content)
    (inside / patient).symlink_to(outside)
    receiver.expect([series])
    assert receiver.keep(content)
    assert not list(outside.iterdir())


def test_that_what_nobody_asked_for_is_not_kept(images, tmp_path):
    receiver = Receiver(tmp_path, 0)
    receiver.expect(["1.2.3"])
    assert not receiver.keep(images[0].read_bytes())
    with pytest.raises(PacsError, match="no DICOM file"):
        receiver.keep(b"<html>" * 100)
    assert not list(tmp_path.rglob("*.*"))


def test_that_halves_of_an_interrupted_fetch_are_removed_and_not_counted(tmp_path):
    half = tmp_path / ".abc.dcm.part"
    half.write_bytes(b"half")
    assert not Receiver(tmp_path, 0).has("abc")
    assert not half.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "No address was given"),
        ({"host": "http://pacs/x"}, "enter a name or an IP address alone"),
        ({"host": "pacs", "port": 0}, "port of the PACS is 0"),
        ({"host": "pacs", "called": "FAR TOO LONG A TITLE"}, "1 to 16"),
        ({"host": "pacs", "tls": True, "way": "move"}, "needs a certificate"),
        ({"url": "pacs/dicom-web"}, "such as https://"),
        ({"url": "https://me:secret@pacs/x"}, "their own fields"),
        ({"host": "pacs", "timeout_s": 0.0}, "timeout is 0 s"),
    ],
)
def test_that_an_address_that_cannot_be_used_is_refused_before_anything_is_sent(fields, said):
    with pytest.raises(InputError, match=said):
        address_of(fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Nothing to look for"),
        ({"patient_name": "*"}, "Nothing to look for"),
        ({"patient_id": "a\\b"}, "no backslash"),
        ({"since": "2024-02-31"}, "year-month-day"),
        ({"since": "2024-02-02", "until": "2024-02-01"}, "exchange them"),
    ],
)
def test_that_a_question_that_cannot_be_asked_is_refused(fields, said):
    with pytest.raises(InputError, match=said):
        question_of(fields)


def test_that_only_uids_can_be_fetched():
    assert wanted_of("1.2/3.4") == Wanted("1.2", "3.4")
    for words in ("", "../x", "1.2/x", "*"):
        with pytest.raises(InputError, match="names no study"):
            wanted_of(words)


def test_that_studies_of_another_kind_are_left_out_where_the_pacs_overlooked_the_question():
    study = Study("1.2", "A", "", "", "", "Knee left", ("CT", "SR"), 1, 1)
    assert fits(study, Question(modality="ct", description="knee"))
    assert not fits(study, Question(modality="MR"))
    assert not fits(study, Question(description="head"))
    assert fits(replace(study, modalities=(), description=""), Question(modality="MR", description="head"))


def test_that_refusals_of_the_standard_have_sentences_that_say_whom_to_ask():
    assert "does not know this computer as “ME”" in str(rejected("IT", "ME", 1, 3))
    assert rejected("IT", "ME", 3, 2).passing
    assert "as a place to send images to" in str(status_problem("C-MOVE", 0xA801, "ME"))
    assert "0110" in str(status_problem("C-GET", 0x0110, "ME"))


def test_that_a_password_shows_nowhere():
    assert "secret" not in repr(WebAddress("https://pacs/x", "me", "secret"))


def test_that_only_the_import_from_a_pacs_speaks_to_a_network_and_imports_for_it_when_it_is_called():
    """Qt's network classes are not used either: the window starts processes only."""
    found = []
    for path in [file for room in ("nodes", "runtime", "designer") for file in (ROOT / room).rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [name for node in ast.walk(tree) for name in imported(node)]
        if any(name.split(".")[0] in NETWORK or name.startswith("PySide6.QtNetwork") for name in names):
            found.append(path.parent.relative_to(ROOT).as_posix())
    assert set(found) <= {"runtime/pacs"}
    blocked = "pynetdicom,dicomweb_client,requests,urllib3"
    modules = [
        "runtime.cli",
        "designer.app",
        *(f"runtime.pacs.{file.stem}" for file in (ROOT / "runtime/pacs").glob("*.py")),
    ]
    code = (
        "import importlib, sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {blocked.split(',')!r}: raise ImportError(name, name=name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
    )
    wanted = [name for name in modules if not name.startswith("designer") or "PySide6" in sys.modules]
    done = subprocess.run(
        [sys.executable, "-c", code, *wanted], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
