"""Data that cannot be used end a training in words without names, in its events and in its log."""

import numpy as np
from PIL import Image

from runtime.attach import learned
from runtime.changed_files import changed_names
from runtime.data.labels import read_dataset
from runtime.events import Failed
from runtime.worker import run_worker
from tests.builders import graphs, pictures


def test_that_labels_that_contradict_each_other_are_told_without_the_names_of_files(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    names = [f"SMITH-{number}.png" for number in range(8)]
    for number, name in enumerate(names):
        Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(data / name)
    rows = [f"{name},{'ill' if number % 2 else 'well'}" for number, name in enumerate(names)]
    (data / "labels.csv").write_text("\n".join(["path,label", *rows]), encoding="utf-8")
    facts = learned(read_dataset(data))
    run = pictures.new_run(graphs.classifier(**facts), tmp_path / "run", epochs=1, batch=4, device="cpu")
    (data / "labels.csv").write_text("\n".join(["path,label", *rows, "SMITH-3.png,well"]), encoding="utf-8")
    assert run_worker(run.job) == 1
    (failed,) = [event for event, _ in run.events() if isinstance(event, Failed)]
    assert failed.code == "data_refused"
    assert failed.message.endswith("file 9 contradicts itself for 1 image. Keep one line for each image.")
    assert changed_names(run.folder) == ("SMITH-3.png", "labels.csv")
    assert not [file.name for file in run.folder.rglob("*") if file.is_file() and b"SMITH-" in file.read_bytes()]
