"""Names that stand for cases and patients in a report: hashes keyed with a secret of this user, other for each project.

The secret never enters a project, a run folder or a report, so that nobody who has these can try out names. Without it
(a cleared cache, another computer) the pseudonyms of a later report are other ones.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from runtime.user_key import user_key

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
    return Pseudonyms(hmac.new(user_key(), place, hashlib.sha256).digest())
