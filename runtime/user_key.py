"""A secret of this user, with which names are hashed: whoever has a run or a report cannot try out names."""

from __future__ import annotations

import os
import secrets

from runtime.data.cache_place import default_cache_folder
from runtime.errors import RunError, file_error

_FILE = "pseudonym-key"
_BYTES = 32


def user_key() -> bytes:
    """The secret, made when it is first asked for. Raises RunError when it cannot be kept or is damaged."""
    path = default_cache_folder() / _FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            found = path.read_bytes()
        else:
            found = secrets.token_bytes(_BYTES)
            with os.fdopen(handle, "wb") as file:
                file.write(found)
    except OSError as error:
        raise RunError(file_error(error)) from error
    if len(found) != _BYTES:
        raise RunError(f"{path} is damaged; remove it, and reports get new pseudonyms.")
    return found
