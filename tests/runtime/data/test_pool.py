"""Files are decoded in children: what crashes or hangs a decoder is one file's failure."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from runtime.data.child import Child, ChildLost
from runtime.data.pool import Decoded, Failed, Request, decode
from tests.builders.dicom import dicom, gradient

# The files of the zoo that no permissive decoder reads, by the words of the reason.
UNREADABLE = {
    "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm": "no decoder could read it",
    "CTImage.dcm_JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm": "there is no decoder",
    "CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm": "no decoder could read it",
    "CTImage.dcm_JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm": "there is no decoder",
    "liver_deflate.dcm": "there is no decoder",
    "liver_nonbyte_aligned_deflate.dcm": "there is no decoder",
    "liver_nonbyte_aligned_rle.dcm": "no decoder could read it",
    "liver_rle.dcm": "no decoder could read it",
    "JPEG-lossy.dcm": "no decoder could read it",
    "JPEG2000-embedded-sequence-delimiter.dcm": "no decoder could read it",
    "JPGExtended.dcm": "no decoder could read it",
    "MR_truncated.dcm": "less than expected",
    "badVR.dcm": "'1A'",
    "meta_missing_tsyntax.dcm": "Rows or Columns is missing",
    "nested_priv_SQ.dcm": "Rows or Columns is missing",
}
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="named pipes and signals of Unix")


def requests_for(folder, count):
    """Files of one pixel each, whose value is their number."""
    return [
        Request(dicom(folder / f"{index}.dcm", np.full((2, 2), index, np.uint16)), "dicom") for index in range(count)
    ]


def test_that_answers_come_in_the_order_of_the_requests(tmp_path):
    requests = requests_for(tmp_path, 40)
    answers = list(decode(requests, workers=3))
    assert [answer.request for answer in answers] == requests
    assert [int(answer.array[0, 0, 0, 0]) for answer in answers] == list(range(40))
    assert answers[0].array.dtype == np.float32


def test_that_a_bad_file_is_named_and_the_others_go_on(tmp_path):
    requests = requests_for(tmp_path, 3)
    requests[1].path.write_bytes(b"nothing of the kind")
    answers = list(decode(requests, workers=1))
    assert [type(answer) for answer in answers] == [Decoded, Failed, Decoded]
    assert answers[1].reason.startswith("1.dcm ")


def test_that_a_missing_file_is_said_so(tmp_path):
    (answer,) = decode([Request(tmp_path / "gone.png", "image")])
    assert answer.reason == "gone.png cannot be opened: No such file or directory."


def test_that_pictures_volumes_and_masks_are_decoded(tmp_path):
    Image.fromarray(gradient()).save(tmp_path / "a.png")
    image, mask = decode([Request(tmp_path / "a.png", "image"), Request(tmp_path / "a.png", "image", mask=True)])
    assert (image.array.shape, image.array.dtype) == ((1, 1, 8, 8), np.float32)
    assert (mask.array.shape, mask.array.dtype) == ((8, 8), np.int32)


def test_that_names_of_any_kind_reach_the_decoder(tmp_path):
    path = dicom(tmp_path / 'é "x" 数\n.dcm', gradient())
    assert isinstance(next(iter(decode([Request(path, "dicom")]))), Decoded)


def test_that_nothing_to_decode_starts_nothing():
    assert list(decode([])) == []


def test_that_decoding_can_be_stopped(tmp_path):
    stop = threading.Event()
    answers = decode(requests_for(tmp_path, 30), workers=2, cancelled=stop.is_set)
    next(answers)
    stop.set()
    assert len(list(answers)) < 29


def test_that_leaving_early_ends_the_children(tmp_path):
    before = threading.active_count()
    answers = decode(requests_for(tmp_path, 30), workers=2)
    next(answers)
    answers.close()
    assert threading.active_count() == before


@POSIX
def test_that_a_file_that_takes_too_long_fails_alone(tmp_path):
    requests = requests_for(tmp_path, 3)
    requests[1].path.unlink()
    os.mkfifo(requests[1].path)
    answers = list(decode(requests, workers=1, seconds=1))
    assert [type(answer) for answer in answers] == [Decoded, Failed, Decoded]
    assert answers[1].reason == "1.dcm took longer than 1 s."


@POSIX
def test_that_a_crash_is_told_with_its_signal(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    child = Child()

    def abort_once_the_file_is_open():
        with (tmp_path / "pipe").open("wb"):
            os.kill(child._process.pid, signal.SIGABRT)

    thread = threading.Thread(target=abort_once_the_file_is_open)
    thread.start()
    with pytest.raises(ChildLost, match=r"crashed the decoder \(signal 6\)"):
        child.ask({"path": str(tmp_path / "pipe"), "kind": "image", "mask": False}, 60)
    thread.join()
    child.close()


def test_that_the_child_runs_no_code_from_the_data_folder_and_imports_no_torch(tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit('hijacked')")
    dicom(tmp_path / "a.dcm", gradient())
    program = "import sys, runtime.data.decoder; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    (answer,) = decode([Request(tmp_path / "a.dcm", "dicom")])
    assert isinstance(answer, Decoded)


def test_that_the_child_speaks_plain_lengths_and_json(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient())
    words = json.dumps({"path": str(path), "kind": "dicom", "mask": False}).encode() + b"\n"
    done = subprocess.run([sys.executable, "-m", "runtime.data.decoder"], input=words, capture_output=True, check=True)
    first = int.from_bytes(done.stdout[:8], "big")
    rest = done.stdout[8 + first :]
    length = int.from_bytes(rest[:8], "big")
    assert json.loads(rest[8 : 8 + length]) == {"shape": [1, 1, 8, 8], "dtype": "<f4", "bytes": 256}
    assert np.array_equal(np.frombuffer(rest[8 + length :], "<f4"), gradient().ravel())


def test_that_the_zoo_is_decoded_but_for_the_known_files(real_data):
    with (real_data / "inventory_dicom.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["path"].startswith("dicom_zoo/") and row["pixel_element"]]
    paths = [real_data / row["path"] for row in rows]
    assert len(paths) == 282
    failed = {
        a.request.path.name: a.reason
        for a in decode([Request(path, "dicom") for path in paths])
        if isinstance(a, Failed)
    }
    assert set(failed) == set(UNREADABLE)
    assert all(UNREADABLE[name] in reason for name, reason in failed.items())


def test_that_the_endless_loop_of_a_decoder_is_ended(real_data, tmp_path):
    good = dicom(tmp_path / "good.dcm", gradient())
    paths = [good, real_data / "attacks" / "jp2_zero_length_box.dcm", good]
    first, attack, last = decode([Request(path, "dicom") for path in paths], workers=1, seconds=2)
    assert isinstance(first, Decoded)
    assert isinstance(last, Decoded)
    assert attack.reason == "jp2_zero_length_box.dcm took longer than 2 s."
