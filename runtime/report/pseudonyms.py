"""Names that stand for cases and patients in a report: hashes keyed with a secret of this user, other for each project.

The secret never enters a project, a run folder or a report, so that nobody who has these can try out names. Without it
(a cleared cache, another computer) the pseudonyms of a later report are other ones.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from runtime.data.cache_place import default_cache_folder
from runtime.errors import RunError, file_error

_FILE = "pseudonym-key"
_BYTES = 32
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms of one project."""

    salt: bytes

    def of(self, name: str) -> str:
        """Eight hexadecimal digits (HMAC with SHA-256, RFC 2104) that stand for a name."""
        return hmac.new(self.salt, name.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:_DIGITS]


def pseudonyms_of(project: Path) -> Pseudonyms:
    """Those of the project whose runs lie in this folder. Raises RunError when the secret cannot be kept."""
    place = os.path.realpath(project).encode("utf-8", "surrogateescape")
    return Pseudonyms(hmac.new(_secret(), place, hashlib.sha256).digest())


def _secret() -> bytes:
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
