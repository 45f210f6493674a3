"""Which addresses, with which headers, how long and how much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from harken.gateways.sources.visiting import unusable, whole, wrong
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import gettext_noop

SECRETS: Mapping[str, str] = {"addresses": "address", "headers": "header"}
TIMEOUT_SECONDS = 60
LIMIT_MB = 500


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Addresses and header lines as written, `${SOURCE_...}` not yet filled in; limits hold for each address."""

    addresses: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    timeout_seconds: int
    limit_mb: int


def read_settings(values: Mapping[str, str]) -> WebSettings:
    """Settings from texts, one address or header a line; raises SettingsError naming everything that does not fit.

    >>> read_settings({"addresses": "https://example.com/a.csv"}).addresses
    ('https://example.com/a.csv',)
    """
    problems: list[Problem] = []
    addresses = tuple(line.strip() for line in values.get("addresses", "").splitlines() if line.strip())
    if not addresses:
        problems.append(wrong("addresses", gettext_noop("Name at least one address.")))
    for number, address in enumerate(addresses, start=1):
        if not _is_web(address):
            text = gettext_noop("Line {line} is no web address; it should begin with https:// or http://.")
            problems.append(wrong("addresses", text, line=str(number)))
    headers = []
    for number, line in enumerate(values.get("headers", "").splitlines(), start=1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or not value.strip() or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name.strip()):
            text = gettext_noop("Line {line} is no header; write it as Name: value.")
            problems.append(wrong("headers", text, line=str(number)))
            continue
        headers.append((name.strip(), value.strip()))
    timeout = whole(values, "timeout_seconds", TIMEOUT_SECONDS, problems)
    limit = whole(values, "limit_mb", LIMIT_MB, problems)
    if problems:
        raise unusable(problems)
    return WebSettings(addresses, tuple(headers), timeout, limit)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", address)
    except ValueError:
        return False
