"""The Python API from its signatures and docstrings."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
from collections.abc import Callable
from typing import Any

from docs.generator.markdown import MADE, fenced, table

import harken
from harken import frames

INTRO = """\
Names of `import harken`, for notebooks and scripts. Nothing heavy is loaded before a name is first used. Tables
come as Arrow, which pandas, polars and DuckDB take as they are. The examples run in the tests."""

FRAMES_INTRO = """\
Without a workspace: a frame of pandas, polars or pyarrow, a DuckDB relation (anything with the Arrow stream
protocol) or a dictionary of columns, and the names of its columns. Results are the frozen dataclasses of the
analysis itself."""


def page() -> str:
    """Every public name: functions in the order of work, then what they return."""
    names = [name for group in harken._HOMES.values() for name in group]
    functions = [name for name in names if inspect.isfunction(getattr(harken, name))]
    classes = [name for name in names if inspect.isclass(getattr(harken, name))]
    parts = [MADE, "# Python", INTRO, "## Functions"]
    for name in functions:
        parts += function(name, getattr(harken, name), "### ")
    parts += ["## On a data frame: `harken.frames`", FRAMES_INTRO]
    for name in (name for group in frames._HOMES.values() for name in group):
        if inspect.isfunction(getattr(frames, name)):
            parts += function(f"frames.{name}", getattr(frames, name), "### ")
    parts.append("## What they return")
    for name in classes:
        parts += described_class(name, getattr(harken, name))
    return "\n\n".join(parts)


def function(name: str, called: Callable[..., Any], heading: str) -> list[str]:
    """A function with its signature and docstring."""
    return [f"{heading}{name}", fenced(name + signature(called), "python"), *docstring(called)]


def signature(called: Callable[..., Any]) -> str:
    """The signature as it is written in the source, one parameter a line where it is long."""
    found = inspect.signature(called)
    shown, keyword_only = [], False
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            shown.append("*")
            keyword_only = True
        annotation = "" if parameter.annotation is parameter.empty else f": {parameter.annotation}"
        default = parameter.default
        given = "" if default is parameter.empty else f" = {getattr(default, '__name__', repr(default))}"
        shown.append(f"{parameter.name}{annotation}{given}")
    line = f"({', '.join(shown)}) -> {found.return_annotation}"
    if len(line) < 90:
        return line
    return "".join(("(\n", *(f"    {one},\n" for one in shown), f") -> {found.return_annotation}"))


def docstring(described: Any) -> list[str]:
    """The docstring's paragraphs, its examples as a block."""
    text = inspect.getdoc(described) or ""
    examples = doctest.DocTestParser().get_examples(text)
    words = text.split(">>>")[0].strip()
    parts = [" ".join(paragraph.split()) for paragraph in words.split("\n\n")]
    return [*parts, fenced(text[len(text.split(">>>")[0]) :], "python")] if examples else parts


def described_class(name: str, described: type[Any]) -> list[str]:
    """A class with its fields, properties and methods."""
    parts = [f"### {name}", *docstring(described)]
    if dataclasses.is_dataclass(described):
        fields = [(f"`{field.name}`", f"`{field.type}`") for field in dataclasses.fields(described)]
        parts.append(table(("field", "type"), fields))
    for member, value in vars(described).items():
        if member.startswith("_"):
            continue
        if isinstance(value, property):
            parts += [f"#### {name}.{member}", *docstring(value)]
        elif inspect.isfunction(value):
            parts += function(f"{name}.{member}", value, "#### ")
    return parts
