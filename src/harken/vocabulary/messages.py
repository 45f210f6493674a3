"""Words that can be said in any language: a message is an id and its parameters, rendered by the faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Parameter = str | int | float | date | datetime | None


def gettext_noop(text: str) -> str:
    """Mark `text` for translation without translating it: the catalogues find it, a face renders it.

    >>> gettext_noop("Nobody answered.")
    'Nobody answered.'
    """
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence in the reader's language, kept as an English id with named parameters.

    `id` is the English sentence with `{name}` places (marked with `gettext_noop` where it is written);
    `params` fills the places. A parameter may itself be a `Message`, and is rendered in the same language.

    >>> str(Message("{count} of {total} customers answered.", {"count": 3, "total": 40}))
    '3 of 40 customers answered.'
    """

    id: str
    params: Mapping[str, Parameter | Message] = field(default_factory=dict)

    def render(
        self,
        translate: Callable[[str], str] = str,
        format_value: Callable[[Parameter], str] = str,
    ) -> str:
        """The sentence in one language: `translate` turns the id, `format_value` writes each number or date.

        >>> Message("Hello {name}", {"name": "Li"}).render({"Hello {name}": "你好 {name}"}.__getitem__)
        '你好 Li'
        """
        values = {
            name: value.render(translate, format_value) if isinstance(value, Message) else format_value(value)
            for name, value in self.params.items()
        }
        return translate(self.id).format(**values)

    def __str__(self) -> str:
        return self.render()
