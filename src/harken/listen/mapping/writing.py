"""Writing mapping files: TOML by hand, so that comments and order are as a person would write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | Iterable[str] | Mapping[str, "str | float"]


def quote(text: str) -> str:
    """A TOML string.

    >>> print(quote('say "hi"'))
    "say \\"hi\\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """A TOML key, quoted where it has to be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quote(name)


def value_text(value: Value) -> str:
    """A TOML value.

    >>> value_text({"Very good": 5.0, "no": 0}), value_text(["a", "b"]), value_text(True)
    ('{ "Very good" = 5, no = 0 }', '["a", "b"]', 'true')
    """
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if float(value).is_integer() else repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value_text(item)}" for name, item in value.items()) + " }"
    return "[" + ", ".join(quote(item) for item in value) + "]"


@dataclass(slots=True)
class TomlText:
    """A mapping file in the making, line by line."""

    lines: list[str] = field(default_factory=list)

    def comment(self, text: str = "") -> None:
        """One comment line, broken at 116 characters."""
        start = text[: len(text) - len(text.lstrip())]
        rest = start + " ".join(text.split())
        while len(rest) > 114:
            cut = rest.rfind(" ", 40, 114)
            cut = cut if cut > 0 else 114
            self.lines.append(f"# {rest[:cut]}")
            rest = "  " + rest[cut:].strip()
        self.lines.append(f"# {rest}".rstrip())

    def blank(self) -> None:
        """One empty line."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def section(self, header: str) -> None:
        """A section header such as [mapping] or [[file]]."""
        self.lines.append(header)

    def put(self, name: str, value: Value | None, note: str = "") -> None:
        """One key, with a remark behind it; nothing where the value is None."""
        if value is not None:
            remark = f"   # {note}" if note else ""
            self.lines.append(f"{key(name)} = {value_text(value)}{remark}")

    def text(self) -> str:
        """The whole file."""
        return "\n".join(self.lines).rstrip() + "\n"
