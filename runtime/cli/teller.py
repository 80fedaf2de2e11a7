"""Says what a run does while it trains: as event lines for a script, or as sentences for a person."""

from __future__ import annotations

import typer

from runtime.cli.output import Out, duration
from runtime.events import Epoch, Event, Finished, Noted, Paused, Started, Warned, parse

_LONGEST = 500  # letters of a note; the run's log has all of it


class Teller:
    """Hears the event lines of a run. Nobody has to listen: a closed pipe does not end the training."""

    def __init__(self, out: Out, events: bool = False, on_stderr: bool = False) -> None:
        self.out = out
        self.events = events
        self.on_stderr = on_stderr
        self.last: Event | None = None
        self._heard = True

    def hear(self, text: str) -> None:
        """Pass one event line on."""
        self.last, _ = parse(text)
        if not self._heard:
            return
        try:
            if self.events:
                typer.echo(text, err=self.on_stderr)
            else:
                self._say(self.last)
        except BrokenPipeError:
            self._heard = False

    def _say(self, event: Event) -> None:
        match event:
            case Started():
                cases = ", ".join(f"{count} {part}" for part, count in event.cases.items())
                self.out.say(f"Training on {event.device}: {cases} ({event.split}).")
            case Noted(message):
                self.out.say(message)
            case Paused(message):
                self.out.warn(message)
            case Warned(message):
                rest = " … (log.txt in the run folder has all of it)"
                self.out.warn(message if len(message) <= _LONGEST else message[:_LONGEST] + rest)
            case Epoch():
                known = {name: value for name, value in event.metrics.items() if value is not None}
                told = ", ".join(f"{name} {value:.4g}" for name, value in known.items())
                left = f", about {duration(event.remaining_s)} left" if event.remaining_s else ""
                self.out.say(f"Epoch {event.epoch}{' (best)' if event.best else ''}: {told}{left}")
            case Finished(reason=reason) if reason:
                self.out.say(reason)
