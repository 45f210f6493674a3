"""Catalogue files: reads and writes .po, compiles .mo, so that no gettext tools need be installed.

The .mo layout is that of GNU gettext's manual, "The Format of GNU MO Files".
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Mapping

_LINE = re.compile(r'^(msgid|msgstr)?\s*(".*")$')


def parse(text: str) -> dict[str, str]:
    """Sentences and their translations in a .po file, in file order, the header left out.

    >>> parse('msgid "Today"\\nmsgstr "今日"')
    {'Today': '今日'}
    """
    entries: list[dict[str, str]] = []
    field = ""
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if not match:
            continue
        if match.group(1) == "msgid":
            entries.append({"msgid": "", "msgstr": ""})
        field = match.group(1) or field
        entries[-1][field] += ast.literal_eval(match.group(2))
    return {entry["msgid"]: entry["msgstr"] for entry in entries if entry["msgid"]}


def header(language: str) -> str:
    """The header entry every catalogue starts with."""
    return (
        f"Language: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
        "Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=1; plural=0;\n"
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def write(language: str, wanted: Mapping[str, list[str]], translations: Mapping[str, str]) -> str:
    """A .po file with one entry for each wanted sentence, translated as far as known."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{line}\n") for line in header(language).splitlines()), ""]
    for text, files in wanted.items():
        lines += [
            f"#: {' '.join(files)}",
            f"msgid {_quoted(text)}",
            f"msgstr {_quoted(translations.get(text, ''))}",
            "",
        ]
    return "\n".join(lines)


def compile_catalogue(language: str, translations: Mapping[str, str]) -> bytes:
    """The bytes of a .mo file; equal translations give equal bytes."""
    pairs = {"": header(language)} | {text: said for text, said in translations.items() if said}
    ordered = sorted((text.encode(), said.encode()) for text, said in pairs.items())
    originals_at = 7 * 4
    translations_at = originals_at + len(ordered) * 8
    texts_at = translations_at + len(ordered) * 8
    index, texts = b"", b""
    for column in (0, 1):
        for pair in ordered:
            index += struct.pack("<II", len(pair[column]), texts_at + len(texts))
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(ordered), originals_at, translations_at, 0, texts_at)
    return head + index + texts
