"""The form that describes a source of each kind; what fits is decided by the use case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from harken.vocabulary.errors import HarkenError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import in_words

PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
SECRETS = Message(gettext_noop("Write a password as ${{SOURCE_NAME}} where the server's environment holds it."))


@dataclass(frozen=True, slots=True)
class FieldWords:
    """What a field is called, what to write in it, its height in lines; `secret` where it may hold a password."""

    label: Message
    text: Message
    lines: int = 1
    secret: bool = False


KIND_FIELDS: Mapping[str, Mapping[str, FieldWords]] = {
    "folder": {
        "folder": FieldWords(
            Message(gettext_noop("Folder on the server")),
            Message(gettext_noop("From the root on, such as /srv/exports. Harken reads nothing outside it.")),
        ),
        "pattern": FieldWords(
            Message(gettext_noop("Which files")),
            Message(gettext_noop("Such as orders*.csv; empty for all. New and changed ones are read.")),
        ),
    },
    "sql": {
        "url": FieldWords(
            Message(gettext_noop("Database")),
            Message(gettext_noop("Such as postgresql://user:password@host:5432/name or sqlite:////srv/shop.db.")),
            secret=True,
        ),
        "read": FieldWords(
            Message(gettext_noop("Table, or a SELECT")),
            Message(gettext_noop("Harken only reads. In a SELECT, :since is the last value of that column.")),
            lines=4,
        ),
        "cursor": FieldWords(
            Message(gettext_noop("Column that only grows (may stay empty)")),
            Message(gettext_noop("Such as changed_at: then only what changed is read. Empty: all rows each time.")),
        ),
        "start": FieldWords(
            Message(gettext_noop("What :since is the first time")),
            Message(gettext_noop("Only for a SELECT with :since, such as 2020-01-01 or 0.")),
        ),
    },
    "web": {
        "addresses": FieldWords(
            Message(gettext_noop("Addresses, one a line")),
            Message(gettext_noop("Each gives a file: CSV, Excel, Parquet, JSON or zip.")),
            lines=2,
        ),
        "headers": FieldWords(
            Message(gettext_noop("Headers, one a line (may stay empty)")),
            Message(gettext_noop("Such as Authorization: Bearer ${{SOURCE_KEY}}.")),
            lines=2,
            secret=True,
        ),
    },
}
"""The fields of each kind."""
UNITS = (
    ("days", Message(gettext_noop("every day at a time"))),
    ("hours", Message(gettext_noop("every so many hours"))),
    ("minutes", Message(gettext_noop("every so many minutes"))),
)


class SourceForm(forms.Form):
    """A source's name, the fields of its kind, its mapping, its schedule and its limit."""

    def __init__(self, kind: str, mappings: Sequence[str], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kind, self.mappings = kind, mappings
        self.fields["name"] = _text(
            Message(gettext_noop("Name")), Message(gettext_noop("Letters, digits, _ and -, such as orders."))
        )
        for name, words in KIND_FIELDS[kind].items():
            text = (
                Message("{first} {second}", {"first": words.text, "second": SECRETS})
                if words.secret
                else words.text
            )
            self.fields[name] = _text(words.label, text, words.lines)
        choices = [("", in_words(Message(gettext_noop("Harken proposes one at the first reading"))))]
        self.fields["mapping"] = forms.ChoiceField(
            label=Message(gettext_noop("Mapping")),  # type: ignore[arg-type]
            choices=[*choices, *((name, name) for name in mappings)],
            required=False,
        )
        self.fields["unit"] = forms.ChoiceField(
            label=Message(gettext_noop("How often")),  # type: ignore[arg-type]
            choices=[(unit, in_words(text)) for unit, text in UNITS],
        )
        self.fields["at"] = _text(
            Message(gettext_noop("Time of day")), Message(gettext_noop("On the company's clock, such as 06:00."))
        )
        self.fields["every"] = _number(Message(gettext_noop("How many hours or minutes")), None)
        self.fields["limit_hours"] = _number(
            Message(gettext_noop("Late after so many hours without news")),
            Message(gettext_noop("Choose it by how often something new is to come; Today then raises the alarm.")),
        )

    def values(self) -> dict[str, str]:
        """What was typed, for the use case."""
        return {"kind": self.kind, **{name: str(self.data.get(name, "")) for name in self.fields}}

    def refuse(self, error: HarkenError) -> Message | None:
        """Put each problem beside its field; what belongs to none is returned to be said above them."""
        self.full_clean()
        elsewhere = [problem for problem in error.problems if problem.column not in self.fields]
        for problem in error.problems:
            if problem.column in self.fields:
                self.add_error(problem.column, in_words(problem.reason))
        if error.problems and not elsewhere:
            return None
        return error.what

    def hiding(self, values: Mapping[str, str]) -> SourceForm:
        """The same form and its errors, with values whose secrets are hidden."""
        hidden = SourceForm(self.kind, self.mappings, values)
        hidden._errors = self.errors
        return hidden


def _text(label: Message, text: Message, lines: int = 1) -> forms.CharField:
    widget = forms.Textarea(attrs={**PLAIN, "rows": lines}) if lines > 1 else forms.TextInput(attrs=PLAIN)
    return forms.CharField(label=label, help_text=text, widget=widget, required=False)  # type: ignore[arg-type]


def _number(label: Message, text: Message | None) -> forms.CharField:
    widget = forms.TextInput(attrs={**PLAIN, "inputmode": "numeric"})
    return forms.CharField(label=label, help_text=text or "", widget=widget, required=False)  # type: ignore[arg-type]
