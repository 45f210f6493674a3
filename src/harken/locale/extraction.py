"""Finds every sentence that Harken can say: in Python by its syntax tree, in templates by their tags."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

MARKERS = frozenset({"gettext_noop", "gettext_lazy", "gettext", "_", "N_"})
"""Functions whose first argument is a sentence; so is that of Message(...)."""

_TAG = re.compile(r"\{%\s*(?:translate|say)\s+(?:\"([^\"]*)\"|'([^']*)')")
_MARKED = re.compile(r"_\((?:\"([^\"]*)\"|'([^']*)')\)")
_PLACE = re.compile(r"\{(\w*)\}")


def python_ids(source: str) -> Iterator[str]:
    """Sentences marked in Python: `gettext_noop("...")`, `_("...")`, `Message("...")`.

    >>> list(python_ids('Message(gettext_noop("Hello {name}"), {})'))
    ['Hello {name}']
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in MARKERS and name != "Message":
            continue
        yield from _texts(node.args[0])


def _texts(node: ast.expr) -> Iterator[str]:
    """The constant texts an argument can be: a literal, or either side of `a if x else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def template_ids(source: str) -> Iterator[str]:
    """Sentences in a template: `{% translate "..." %}`, `{% say "..." name=value %}` and `_("...")`.

    >>> list(template_ids('<h1>{% translate "Today" %}</h1>{% say "{n} answers" n=3 %}'))
    ['Today', '{n} answers']
    """
    for pattern in (_TAG, _MARKED):
        for match in pattern.finditer(source):
            yield match.group(1) or match.group(2)


def ids(package: Path) -> dict[str, list[str]]:
    """Every sentence below `package` and the files that say it, both in alphabetical order."""
    found: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*")):
        if path.suffix not in (".py", ".html"):
            continue
        read = python_ids if path.suffix == ".py" else template_ids
        for text in read(path.read_text(encoding="utf-8")):
            if text:
                found.setdefault(text, set()).add(path.relative_to(package.parent).as_posix())
    return {text: sorted(found[text]) for text in sorted(found)}


def places(text: str) -> frozenset[str]:
    """Names of the places in a sentence.

    >>> sorted(places("{n} of {total}"))
    ['n', 'total']
    """
    return frozenset(_PLACE.findall(text))


def faults(wanted: Mapping[str, list[str]], translations: Mapping[str, str]) -> list[str]:
    """What is wrong with one language's translations, one sentence each; empty where they are complete."""
    found = []
    for text in wanted:
        said = translations.get(text, "")
        if not said:
            found.append(f"not translated: {text!r} ({', '.join(wanted[text])})")
        elif places(said) != places(text):
            found.append(f"other places than the original: {text!r} -> {said!r}")
    found += [f"nobody says this any more: {text!r}" for text in translations if text and text not in wanted]
    return found
