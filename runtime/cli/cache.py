"""The command about the cache of decoded images."""

from __future__ import annotations

from typing import Annotated

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import FAILED, WRONG_CALL, Out, Refused
from runtime.data.wording import counted


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(cache)


def cache(
    limit: Annotated[str, typer.Option(help="The most that decoded images may take on disk, such as 10GB.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Remove all decoded images; they are made anew.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try files again that could not be decoded, at the next training.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say where decoded images are kept and how large they are; limit them, remove them, try failed files again."""
    from runtime.data.cache_place import default_cache_folder
    from runtime.data.cache_state import cache_state, clear_cache, forget_failures, set_limit

    out = Out(as_json)
    folder = default_cache_folder()
    try:
        if limit:
            set_limit(folder, _amount(limit))
        if clear:
            out.say(f"{_size(clear_cache(folder))} removed.")
        if retry:
            out.say(f"{counted(forget_failures(folder), 'case')} will be tried again.")
    except OSError as error:
        raise Refused(f"The cache in {folder} cannot be changed: {error.strerror or error}.", code=FAILED) from error
    state = cache_state(folder)
    failed = f" {counted(state.failed, 'case')} could not be decoded." if state.failed else ""
    out.say(
        f"{_size(state.bytes)} of at most {_size(state.limit)} in {folder}: decoded images of "
        f"{counted(state.entries, 'data set')}.{failed}"
    )
    out.result(
        {"folder": str(folder), "bytes": state.bytes, "entries": state.entries, "failed": state.failed,
         "limit": state.limit}
    )  # fmt: skip


def _amount(text: str) -> int:
    from runtime.data.memory_budget import amount_of

    try:
        return amount_of(text, "The limit of the cache")
    except ValueError as error:
        raise Refused(str(error), code=WRONG_CALL) from error


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 10**9 else f"{count / 1e6:.1f} MB"
