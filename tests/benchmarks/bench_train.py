"""Is training as fast as the best loop by hand? `python -P -m tests.benchmarks.bench_train [--device cuda]`.

For LeNet on 28² (batch 64), ResNet-18 on 128² (16) and a U-Net on 128² (8): whole epochs of the real worker (events,
curves, checkpoints and all that it observes) against (a) the usual loop with a DataLoader and `loss.item()` in every
step, (b) a tuned loop: cases on the device, nothing that waits, fused Adam, channels last where that is faster, and
(c) Lightning, if it is installed. An epoch is training and validation, with a metric in both. One epoch of each is run
in turn, so that other programs on the machine disturb all alike; those of Lightning, whose loop over epochs is its own,
follow in a row. Printed as JSON: the median of (by hand / here) over these rounds - above 1 the worker is faster - with
the middle half, (b / another b) as the noise of this run, and the share of an epoch that goes into events, checkpoints
and what is observed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import runtime.keeper
import runtime.layer_facts
import runtime.throttle
from runtime.event_file import EventFile
from runtime.events import Epoch, Started, parse
from runtime.job import make_job
from runtime.keeper import Keeper
from runtime.observer import Observer
from runtime.runs import create_run
from runtime.worker import run_worker
from tests.benchmarks import lightning_loop, train_nets
from tests.benchmarks.train_loops import Data, Loop, Subject, tuned, usual
from tests.builders import pictures

WARM = 2  # rounds that are not counted
HAS_LIGHTNING = importlib.util.find_spec("lightning") is not None  # no dependency of this program

SUBJECTS: Mapping[str, Subject] = {
    "LeNet 28²": Subject(train_nets.LeNet, train_nets.lenet_graph, 64, 28, 2135),
    "ResNet-18 128²": Subject(train_nets.ResNet18, train_nets.resnet_graph, 16, 128, 71),
    "U-Net 128²": Subject(train_nets.UNet, train_nets.u_net_graph, 8, 128, 44, masks=True),
}


def written(subject: Subject, folder: Path) -> Path:
    """Pictures of noise, in two classes or with masks."""
    generator = np.random.default_rng(0)
    for number in range(subject.images):
        where = folder / ("images" if subject.masks else "ab"[number % 2])
        where.mkdir(parents=True, exist_ok=True)
        picture = generator.integers(0, 256, (subject.side, subject.side), dtype=np.uint8)
        Image.fromarray(picture).save(where / f"{number:05}.png")
        if subject.masks:
            (folder / "masks").mkdir(exist_ok=True)
            Image.fromarray((picture > 127).astype(np.uint8)).save(folder / "masks" / f"{number:05}.png")
    return folder


class Beside:
    """Seconds that a run spends beside learning and measuring: on events, on checkpoints, on what it observes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.seconds = {"events": 0.0, "checkpoints": 0.0, "observing": 0.0}
        self._wrap("events", EventFile, "append")
        self._wrap("checkpoints", Keeper, "note_best", "note_epoch")
        self._wrap("observing", Observer, "begin", "_looked", "learned", "measured", "events")

    def _wrap(self, what: str, owner: type, *names: str) -> None:
        for name in names:
            setattr(owner, name, self._timed(what, getattr(owner, name)))

    def _timed(self, what: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began = self.clock()
            result = method(*given, **named)
            if hasattr(result, "__next__"):  # a generator works only when it is asked
                result = iter(list(result))
            self.seconds[what] += self.clock() - began
            return result

        return timed


class Rounds:
    """Hears the worker's events; after each of its epochs the loops beside it run one as well."""

    def __init__(self, subject: Subject, device: torch.device, beside: Beside, clock: Callable[[], float]) -> None:
        self.subject, self.device, self.beside, self.clock = subject, device, beside, clock
        self.spent: dict[str, float] = {}  # beside the learning, when the counted rounds begin
        self.paused = 0.0
        self.began = 0.0
        self.loops: dict[str, Loop] = {}
        self.cases: Mapping[str, int] = {}
        self.seconds: dict[str, list[float]] = {"here": []}

    def monotonic(self) -> float:
        """The clock of the run: the loops beside it take no time."""
        return time.perf_counter() - self.paused

    def hear(self, text: str) -> None:
        """A line of events.jsonl."""
        event, _ = parse(text)
        if isinstance(event, Started):
            by_hand = sum(parameter.numel() for parameter in self.subject.module().parameters())
            if by_hand != event.parameters:
                raise SystemExit(f"the networks differ: {event.parameters} parameters drawn, {by_hand} by hand")
            self.cases = event.cases
            self.loops = self._loops(event.cases)
        if not isinstance(event, Epoch):
            return
        self._wait()
        if event.epoch == WARM:
            self.spent = dict(self.beside.seconds)
        if event.epoch > WARM:
            self.seconds["here"].append(self.clock() - self.began)
        start = time.perf_counter()
        for name, loop in self.loops.items():
            began = self.clock()
            loop()
            self._wait()
            if event.epoch > WARM:
                self.seconds.setdefault(name, []).append(self.clock() - began)
        self.paused += time.perf_counter() - start
        self.began = self.clock()

    def _loops(self, cases: Mapping[str, int]) -> dict[str, Loop]:
        data = Data(self.subject, cases)
        layouts = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
        loops = {f"b, {name}": tuned(self.subject, data, self.device, layout) for name, layout in layouts.items()}
        again = tuned(self.subject, data, self.device, torch.channels_last)
        return {"a": usual(self.subject, data, self.device), **loops, "b again": again}

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def lightning(self) -> dict[str, float]:
        """How many times as long an epoch of Lightning takes: quartiles of its epochs over our median."""
        seconds = lightning_loop.epochs(
            self.subject, Data(self.subject, self.cases), self.device, len(self.seconds["here"]), self.clock
        )
        return _ratio(seconds, [statistics.median(self.seconds["here"])] * len(seconds))

    def result(self) -> dict[str, object]:
        """Ratios: how many times as long each loop takes as the worker's epoch."""
        here = self.seconds["here"]
        found: dict[str, object] = {"s an epoch here": round(statistics.median(here), 4), "rounds": len(here)}
        best = min(("b, contiguous", "b, channels last"), key=lambda name: statistics.median(self.seconds[name]))
        noise = _ratio(self.seconds["b again"], self.seconds["b, channels last"])
        return {
            **found,
            "a / here": _ratio(self.seconds["a"], here),
            "Lightning / here": self.lightning() if HAS_LIGHTNING else "skipped: it is not installed",
            f"b ({best[3:]}) / here": _ratio(self.seconds[best], here),
            "contiguous / channels last": _ratio(self.seconds["b, contiguous"], self.seconds["b, channels last"]),
            "b / b (noise)": noise,
            "share of an epoch": {
                what: round((seconds - self.spent[what]) / sum(here), 4)
                for what, seconds in self.beside.seconds.items()
            },
        }


def _ratio(over: list[float], under: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles([one / other for one, other in zip(over, under, strict=True)], n=4)
    return {"median": round(middle, 3), "quarter": round(low, 3), "three_quarters": round(high, 3)}


def measured(subject: Subject, device: torch.device, rounds: int, folder: Path, beside: Beside) -> dict[str, object]:
    """One network: a run with all that goes with it, and the loops beside it."""
    data = written(subject, folder / "data")
    facts = pictures.facts(data, "masks" if subject.masks else "")
    graph = subject.graph(**{**facts, "size": (subject.side, subject.side)})
    job = make_job(
        graph, folder / "run", epochs=WARM + rounds, batch=subject.batch, split="image",
        device="cuda" if device.type == "cuda" else "cpu", more={"parts": (0.9, 0.1, 0.0), "precision": "float32"},
    )  # fmt: skip
    create_run(job)
    heard = Rounds(subject, device, beside, beside.clock)
    for part in (runtime.keeper, runtime.layer_facts, runtime.throttle):  # what is done seldom, by the run's clock
        part.time = heard  # type: ignore[attr-defined]
    status = run_worker(job, heard.hear)
    if status:
        raise SystemExit(f"the run failed: {(job.folder / 'log.txt').read_text(encoding='utf-8')[-2000:]}")
    return heard.result()


def machine(device: torch.device) -> dict[str, object]:
    """What the figures were taken on."""
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "cpu",
        "cores": os.cpu_count(), "threads": torch.get_num_threads(), "torch": torch.__version__,
        "python": platform.python_version(), "load at the start": [round(one, 1) for one in os.getloadavg()],
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--device", default="cpu")
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--only", default="", help="networks whose names contain this")
    options.add_argument("--json", type=Path)
    options.add_argument(
        "--processor", action="store_true", help="take the processor's time, on a machine that is busy"
    )
    given = options.parse_args()
    clock = time.process_time if given.processor else time.perf_counter
    device, beside = torch.device(given.device), Beside(clock)
    result: dict[str, object] = {"clock": clock.__name__, **machine(device)}
    for name, subject in SUBJECTS.items():
        if given.only in name:
            with tempfile.TemporaryDirectory() as folder:
                os.environ["NETLOOM_CACHE"] = f"{folder}/cache"
                result[name] = measured(subject, device, given.rounds, Path(folder), beside)
    result["load at the end"] = [round(one, 1) for one in os.getloadavg()]
    text = json.dumps(result, indent=1, ensure_ascii=False)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
