"""The address of the PACS as the user's settings keep it: no user, no password, nothing of patients."""

from __future__ import annotations

from collections.abc import Mapping

from designer import remember

KEPT = (
    "protocol", "host", "port", "called", "calling", "listen_port", "way", "tls", "authority", "certificate", "url",
)  # fmt: skip


def remembered() -> dict[str, str]:
    """The fields that were kept, as texts; empty before the first use."""
    store = remember.settings()
    kept = {name: store.value(f"pacs/{name}") for name in KEPT}
    return {name: str(value) for name, value in kept.items() if value is not None}


def remember_address(fields: Mapping[str, str]) -> None:
    """Keep the address for the next time."""
    store = remember.settings()
    for name in KEPT:
        store.setValue(f"pacs/{name}", fields.get(name, ""))
