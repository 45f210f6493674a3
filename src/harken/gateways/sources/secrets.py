"""Passwords and keys of sources: named by the environment, never shown, cut out of what others say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit, urlunsplit

from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

MASK = "•••"
PREFIX = "SOURCE_"
_NAMED = re.compile(r"\$\{(\w+)\}")
_SHORTEST = 3


def filled(text: str, environment: Mapping[str, str] | None = None) -> str:
    """`text` with `${SOURCE_NAME}` replaced by the server's variable of that name.

    Only names that begin with SOURCE_ are read, so that no other secret of the server can be sent away by whoever
    may describe a source. Raises SettingsError for other names and for variables that are not set.

    >>> filled("Bearer ${SOURCE_KEY}", {"SOURCE_KEY": "s3cret"})
    'Bearer s3cret'
    """
    known = os.environ if environment is None else environment

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if not name.startswith(PREFIX):
            raise SettingsError(
                Message(gettext_noop("{name} cannot be used for a source."), {"name": name}),
                Message(gettext_noop("Name the server's variable so that it begins with SOURCE_.")),
            )
        if name not in known:
            raise SettingsError(
                Message(gettext_noop("The server has no variable {name}."), {"name": name}),
                Message(gettext_noop("Set it where `harken serve` and `harken worker` are started.")),
            )
        return known[name]

    return _NAMED.sub(value, text)


def masked_address(address: str) -> str:
    """An address without its password and without the values behind its question mark.

    >>> masked_address("postgresql://cx:s3cret@db.example:5432/shop?sslmode=require")
    'postgresql://cx:•••@db.example:5432/shop?sslmode=•••'
    >>> masked_address("https://example.com/export.csv?key=${SOURCE_KEY}")
    'https://example.com/export.csv?key=${SOURCE_KEY}'
    """
    before, question, query = address.partition("?")
    head, at, rest = before.rpartition("@")
    if at:
        scheme, slashes, user = head.partition("//")
        name, colon, password = user.partition(":")
        head = f"{scheme}{slashes}{name}{colon}{_masked(password)}"
    pairs = (part.partition("=") for part in query.split("&"))
    shown = "&".join(f"{name}{equals}{_masked(value)}" for name, equals, value in pairs)
    return f"{head}{at}{rest}{question}{shown}"


def masked_header(line: str) -> str:
    """A header line with its value hidden, unless the environment holds it.

    >>> masked_header("Authorization: Bearer abc"), masked_header("X-Key: ${SOURCE_KEY}")
    ('Authorization: •••', 'X-Key: ${SOURCE_KEY}')
    """
    name, colon, value = line.partition(":")
    return f"{name}{colon} {_masked(value.strip())}" if colon else MASK


def _masked(value: str) -> str:
    """A secret hidden; what only names variables of the environment tells nothing."""
    return value if not value or not _NAMED.sub("", value).strip() else MASK


def secrets_in(address: str) -> set[str]:
    """Everything in an address that is to stay unseen, in each way it may be written."""
    parts = urlsplit(address)
    found = {part for part in (parts.netloc.rpartition("@")[0].partition(":")[2],) if part}
    found |= {value for _, value in parse_qsl(parts.query)} | {
        part.partition("=")[2] for part in parts.query.split("&")
    }
    return {way for value in found if value for way in (value, unquote(value), quote(value), quote_plus(value))}


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """What somebody else says about an address, without the secrets in it, on one line.

    >>> scrubbed("no access with s3cret", {"s3cret"})
    'no access with •••'
    """
    for secret in sorted({value for value in secrets if len(value) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return " ".join(text.split())[:300]


def without_secrets(address: str) -> str:
    """The part of an address that says where it leads: if it changes, kept secrets must not go there.

    >>> without_secrets("https://cx:pw@example.com:8443/a.csv?key=1")
    'https://cx@example.com:8443'
    """
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, f"{user.partition(':')[0]}{at}{host}", "", "", ""))
