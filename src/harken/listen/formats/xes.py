"""XES event logs (IEEE 1849): one row per event with the attributes of its case."""

from __future__ import annotations

from typing import IO
from xml.etree import ElementTree

Row = dict[str, str]


def read_events(stream: IO[bytes]) -> list[Row]:
    """Every event of a log; attributes of the case have `case:` before their name.

    >>> import io
    >>> log = b'''<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="7"/>
    ... <event><string key="concept:name" value="Closed"/></event></trace></log>'''
    >>> read_events(io.BytesIO(log))
    [{'case:concept:name': '7', 'concept:name': 'Closed'}]

    Raises ValueError where the stream is no XES.
    """
    rows: list[Row] = []
    try:
        for _, element in ElementTree.iterparse(stream, events=("end",)):
            if local(element.tag) != "trace":
                continue
            case = {f"case:{key}": value for key, value in attributes(element)}
            events = (child for child in element if local(child.tag) == "event")
            rows.extend({**case, **dict(attributes(event))} for event in events)
            element.clear()
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    if not rows:
        raise ValueError("no events")
    return rows


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def attributes(element: ElementTree.Element) -> list[tuple[str, str]]:
    """The typed attributes of a trace or event."""
    return [
        (child.attrib["key"], child.attrib.get("value", ""))
        for child in element
        if local(child.tag) != "event" and "key" in child.attrib
    ]
