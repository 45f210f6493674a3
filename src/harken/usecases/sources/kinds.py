"""The kinds of sources: which gateway reads each, and how their secrets are kept out of sight."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from harken.gateways.sources.secrets import MASK, masked_address, masked_header, without_secrets
from harken.gateways.sources.visiting import wrong
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import gettext_noop

FIELDS: Mapping[str, tuple[str, ...]] = {
    "folder": ("folder", "pattern", "settled_seconds"),
    "sql": ("url", "read", "cursor", "start"),
    "web": ("addresses", "headers", "timeout_seconds", "limit_mb"),
}
"""The fields that describe a source of each kind."""


def gateway(kind: str) -> Any:
    """The gateway of a kind, loaded when it is needed: `read_settings`, `fetch` and `SECRETS`."""
    return importlib.import_module(f"harken.gateways.sources.{kind}")


def settings_in(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """The fields of a kind among other values, those left empty left out."""
    return {name: values[name].strip() for name in FIELDS[kind] if values.get(name, "").strip()}


def shown(kind: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Settings without their secrets: what pages and commands may say.

    >>> shown("web", {"addresses": "https://a.example/x.csv?key=1", "headers": "X-Key: abc"})
    {'addresses': 'https://a.example/x.csv?key=•••', 'headers': 'X-Key: •••'}
    """
    return {
        name: "\n".join(_masked(kind, name, line) for line in text.splitlines()) for name, text in settings.items()
    }


def kept(
    kind: str, settings: Mapping[str, str], earlier: Sequence[Mapping[str, str]], problems: list[Problem]
) -> dict[str, str]:
    """Settings with the secrets that a reader left as they were shown, from those written `earlier`.

    A secret is kept for the place it was written for only: another address wants it written again.
    """
    filled = {}
    for name, text in settings.items():
        known: dict[str, str] = {}
        for before in earlier:
            if name != "headers" or _places(settings) <= _places(before):
                known = {_masked(kind, name, line): line for line in before.get(name, "").splitlines()} | known
        lines = []
        for line in text.splitlines():
            hidden = MASK in line and name in gateway(kind).SECRETS
            if hidden and line not in known:
                problems.append(
                    wrong(name, gettext_noop("Something else has changed here: write the secret again."))
                )
            lines.append(known[line] if hidden and line in known else line)
        filled[name] = "\n".join(lines)
    return filled


def _places(settings: Mapping[str, str]) -> set[str]:
    """Where the addresses of a web source lead, as written or as shown."""
    return {without_secrets(line) for line in settings.get("addresses", "").splitlines() if line.strip()}


def _masked(kind: str, name: str, line: str) -> str:
    secret = gateway(kind).SECRETS.get(name)
    return masked_address(line) if secret == "address" else masked_header(line) if secret == "header" else line
