"""Devices that are ticked, a batch size that is found, and a worker that does not answer."""

import json
import os
import signal
import sys
from dataclasses import replace

import pytest

from designer.inspector.training_form import TrainingForm
from designer.project import Project
from designer.training import session as sessions
from designer.training.session import TrainingSession
from designer.training.silence import Silence
from runtime.devices import FoundDevice
from runtime.events import Epoch, Started
from runtime.files import load_graph
from runtime.processes import started_at
from runtime.runs import Run, default_run_folder, find_runs

LONG = 120_000
GPUS = tuple(FoundDevice(f"cuda:{number}", "NVIDIA H100 80GB HBM3", 85 * 10**9) for number in range(2))


@pytest.fixture
def shown(qtbot, make_project):
    """A project and the form of its training settings."""
    project = Project()
    project.load(make_project())
    form = TrainingForm(project)
    qtbot.addWidget(form)
    qtbot.addWidget(form.rows)
    project.changed.connect(lambda _: form.show_training(project.document.training))
    yield project, form
    project.close_down()


def choice(project):
    return project.document.training.device, project.document.training.processes


def ticked(form):
    return [text for text, box in texts(form).items() if box.isChecked()]


def texts(form):
    return {box.text(): box for box in form.rows.fields["device"].boxes.values()}


def test_that_gpus_are_listed_by_name_with_memory_and_ticked_together(shown):
    project, form = shown
    project.devices.take(GPUS)
    first, second = (box for text, box in texts(form).items() if text.startswith("cuda"))
    assert "NVIDIA H100 80GB HBM3, 85" in first.text()
    assert ticked(form) == ["Automatic"]
    first.click()
    assert choice(project) == ("cuda:0", 1)
    project.document.seal()
    second.click()
    assert choice(project) == ("cuda:0,cuda:1", 2)
    assert ticked(form) == [first.text(), second.text()]
    first.click()
    assert choice(project) == ("cuda:1", 1)
    second.click()
    assert choice(project) == ("auto", 1)
    texts(form)["2 CPU processes"].click()
    assert choice(project) == ("cpu", 2)
    assert ticked(form) == ["2 CPU processes"]
    project.document.seal()
    first.click()
    assert choice(project) == ("cuda:0", 1)
    project.undo()
    assert choice(project) == ("cpu", 2)
    assert ticked(form) == ["2 CPU processes"]


def test_that_a_device_that_is_not_here_stays_ticked_and_keeps_the_project_from_training(window, make_project):
    window.open_project(make_project())
    project, document = window.project, window.project.document
    project.devices.take(())
    with document.edit("two GPUs"):
        document.train_with(replace(document.training, device="cuda:0,cuda:1", processes=2))
    project.analyse_now()
    form = window.training.side.settings.form
    assert ticked(form) == ["cuda:0 (not here)", "cuda:1 (not here)"]
    assert "name cuda:0 and cuda:1, but this computer has no GPU" in window.training.why_not_train()
    assert "--device" not in window.training.why_not_train()
    project.devices.take(GPUS)
    assert window.training.why_not_train() == ""
    project.devices.take(GPUS[:1])
    assert "name cuda:1, but this computer has cuda:0 (NVIDIA H100 80GB HBM3)" in window.training.why_not_train()
    texts(form)["cuda:1 (not here)"].click()
    project.analyse_now()
    assert choice(project) == ("cuda:0", 1)
    assert window.training.why_not_train() == ""


def test_that_other_numbers_of_processes_are_shown_as_they_are(shown):
    project, form = shown
    for device, processes, text in (
        ("cpu", 5, "5 CPU processes"), ("auto", 3, "Automatic, 3 processes"), ("cuda", 1, "Graphics card (CUDA)")
    ):  # fmt: skip
        with project.document.edit("choose"):
            project.document.train_with(replace(project.document.training, device=device, processes=processes))
        assert ticked(form) == [text]


def test_that_a_process_is_asked_what_there_is_when_a_gpu_is_in_sight(qtbot):
    project = Project()
    project.devices.known = False
    with qtbot.waitSignal(project.devices.changed, timeout=LONG):
        project.devices.look()
        project.devices.look()
    assert project.devices.known
    assert bool(project.devices.gpus) != bool(project.devices.note)
    project.close_down()


@pytest.mark.slow
def test_that_a_batch_size_is_found_and_taken_over_as_one_edit(qtbot, shown):
    project, form = shown
    before = project.document.training.batch
    button = form.rows.fields["batch"].button
    told = []
    project.batch_search.changed.connect(lambda: told.append(project.batch_search.words))
    button.click()
    assert button.text() == "Cancel"
    qtbot.waitUntil(lambda: not project.batch_search.running, timeout=LONG)
    assert button.text() == "Find"
    assert any(text.startswith("A batch of 2: ") for text in told)
    assert f"A batch of {project.document.training.batch} was chosen" in project.batch_search.words
    if project.document.training.batch != before:
        project.undo()
    assert project.document.training.batch == before


def test_that_finding_can_be_cancelled_and_says_why_it_cannot_be_done(qtbot, shown):
    project, form = shown
    before, button = project.document.state, form.rows.fields["batch"].button
    button.click()
    button.click()
    qtbot.waitUntil(lambda: not project.batch_search.running, timeout=LONG)
    assert "Cancelled" in project.batch_search.words
    assert project.document.state is before
    (loss,) = (node.id for node in project.document.nodes.values() if node.type == "cross_entropy")
    with project.document.edit("remove the loss"):
        project.document.remove(loss)
    button.click()
    qtbot.waitUntil(lambda: not project.batch_search.running, timeout=LONG)
    assert project.batch_search.fault
    assert project.batch_search.words


@pytest.fixture
def end_of_runs(tmp_path):
    """No run of a test that failed goes on."""
    yield
    for run in find_runs(tmp_path):
        run.kill()


def begun(qtbot, project, **more):
    """A session of which the first epoch is done."""
    graph = load_graph(project).graph
    graph = replace(graph, training=replace(graph.training, **more))
    session = TrainingSession.begin(graph, default_run_folder(project))
    started = []
    session.happened.connect(lambda event: started.append(event) if isinstance(event, Started) else None)
    with qtbot.waitSignal(session.happened, timeout=LONG, check_params_cb=lambda event: isinstance(event, Epoch)):
        session.follow()
    return session, started[0]


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="a process is stopped by a signal")
def test_that_a_worker_that_does_not_answer_is_told_with_the_age_of_its_checkpoint_and_can_be_killed(
    qtbot, make_project, end_of_runs, monkeypatch
):
    session, _ = begun(qtbot, make_project(epochs=10_000))
    qtbot.waitUntil(lambda: session.run.can_resume, timeout=LONG)
    bar = Silence()
    qtbot.addWidget(bar)
    bar.follow(session)
    session._check_life()
    assert bar.isHidden()
    monkeypatch.setattr(sessions, "SILENT_S", 1.0)
    os.kill(json.loads((session.run.folder / "worker.json").read_text())["pid"], signal.SIGSTOP)
    qtbot.waitUntil(lambda: not bar.isHidden(), timeout=LONG)
    assert "No sign of life for" in bar.words.text()
    assert "The last checkpoint is" in bar.words.text()
    with qtbot.waitSignal(session.ended, timeout=LONG):
        bar.kill.click()
    assert bar.isHidden()
    assert session.run.status == "died"
    assert session.run.can_resume


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="torchrun needs a Unix here")
def test_that_two_processes_ticked_train_outlive_the_window_and_are_killed_as_one(qtbot, make_project, end_of_runs):
    project = make_project(epochs=10_000)
    session, started = begun(qtbot, project, device="cpu", processes=2)
    assert started.device == "cpu, 2 processes"
    qtbot.waitUntil(lambda: session.run.can_resume, timeout=LONG)
    session.let_go()  # the window is closed
    again = TrainingSession(Run(session.run.folder))
    again.follow()
    assert again.run.status == "running"
    mark = session._worker
    with qtbot.waitSignal(again.ended, timeout=LONG):
        again.kill()
    assert again.run.status == "died"
    qtbot.waitUntil(lambda: started_at(session._pid) != mark, timeout=LONG)
    assert again.run.can_resume
