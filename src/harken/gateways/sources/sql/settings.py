"""Which database, and what is read from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harken.gateways.sources.visiting import unusable, wrong
from harken.vocabulary.errors import Problem
from harken.vocabulary.messages import gettext_noop

SECRETS: Mapping[str, str] = {"url": "address"}
_READS = re.compile(r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*\(?\s*(select|with|values)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """`url` as written, `${SOURCE_...}` not yet filled in; either a `table` or a `query`.

    With `cursor`, a column that only grows, later readings take what changed since. A query then says where
    `:since` belongs, and `start` stands for it the first time.
    """

    url: str
    table: str
    query: str
    cursor: str
    start: str


def read_settings(values: Mapping[str, str]) -> SqlSettings:
    """Settings from texts; raises SettingsError naming everything that does not fit.

    >>> read_settings({"url": "sqlite:////srv/shop.db", "read": "orders", "cursor": "changed_at"}).table
    'orders'
    """
    problems: list[Problem] = []
    url, read, cursor, start = (values.get(name, "").strip() for name in ("url", "read", "cursor", "start"))
    if not re.match(r"[a-z0-9_]+(\+[a-z0-9_]+)?://", url):
        problems.append(wrong("url", gettext_noop("Write it as postgresql://user:password@host:5432/name.")))
    is_query = bool(_READS.match(read))
    if not read:
        problems.append(wrong("read", gettext_noop("Name a table, or write a SELECT.")))
    elif not is_query and re.search(r"\s", read):
        problems.append(wrong("read", gettext_noop("A query begins with SELECT or WITH; it only reads.")))
    takes_since = is_query and re.search(r"(?<![\w:]):since\b", read) is not None
    if takes_since and not cursor:
        problems.append(wrong("cursor", gettext_noop("The query uses :since; name the column it comes from.")))
    if takes_since and not start:
        problems.append(wrong("start", gettext_noop("Say what :since is the first time, such as 2020-01-01 or 0.")))
    if is_query and cursor and not takes_since:
        problems.append(wrong("read", gettext_noop("Write in the query where :since belongs.")))
    if problems:
        raise unusable(problems)
    return SqlSettings(url, "" if is_query else read, read if is_query else "", cursor, start)
