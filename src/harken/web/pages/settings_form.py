"""The form of the settings: every field as the file has it, refusals at their fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from harken.usecases.changing_settings import FIELDS, FORMULAS, Choices
from harken.usecases.workspaces import Settings
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import in_words

LABELS = {
    "company": Message(gettext_noop("Name of the company")),
    "time_zone": Message(gettext_noop("Time zone, such as Asia/Shanghai")),
    "currency": Message(gettext_noop("Reporting currency, such as CNY")),
    "as_of": Message(gettext_noop("Analysis date, such as 2026-06-30")),
    "score": Message(gettext_noop("Score")),
    "score_window_days": Message(gettext_noop("Days of answers before the analysis date")),
    "segments": Message(gettext_noop("Segments")),
    "outcome": Message(gettext_noop("Outcome: what leaving means")),
    "outcome_is_good": Message(gettext_noop("The outcome is wanted, such as a renewal")),
    "horizon_days": Message(gettext_noop("Days ahead that the forecast speaks of")),
    "value_column": Message(gettext_noop("Value of a customer")),
    "margin": Message(gettext_noop("Margin, from 0 to 1")),
    FORMULAS: Message(gettext_noop("Formulas")),
}
BY_DEFAULT = {
    "as_of": Message(gettext_noop("empty: the day after the last signal")),
    "score": Message(gettext_noop("empty: the most answered one")),
    "score_window_days": Message(gettext_noop("empty: Harken chooses by the number of answers")),
    "segments": Message(gettext_noop("none chosen: columns with few values")),
    "outcome": Message(gettext_noop("empty: the outcome with most rows")),
    "horizon_days": Message(gettext_noop("empty: 90")),
    "value_column": Message(gettext_noop("empty: the declared column, else a year's orders")),
    "currency": Message(gettext_noop("fixed once data were imported")),
    FORMULAS: Message(
        gettext_noop("one [[feature]] each with name and formula: features, numbers, + - * / and brackets")
    ),
}
GROUPS = (
    (Message(gettext_noop("Company")), ("company", "time_zone", "currency")),
    (Message(gettext_noop("Analysis")), ("as_of", "score", "score_window_days", "segments")),
    (Message(gettext_noop("Retention")), ("outcome", "outcome_is_good", "horizon_days")),
    (Message(gettext_noop("Value")), ("value_column", "margin")),
    (Message(gettext_noop("Measures of your own")), (FORMULAS,)),
)


class SettingsForm(forms.Form):
    """What harken.toml says, as fields. What the data do not hold can only be chosen where it is set already."""

    read = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, known: Choices, present: Settings, *arguments: Any, editable: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.present = present
        named = {"score": known.scores, "outcome": known.outcomes, "value_column": known.value_columns}
        for name, label in LABELS.items():
            self.fields[name] = self._field(name, named, known)
            self.fields[name].label = label  # type: ignore[assignment]
            self.fields[name].help_text = BY_DEFAULT.get(name, "")  # type: ignore[assignment]
            self.fields[name].disabled = not editable or (name == "currency" and known.imported)

    def _field(self, name: str, named: dict[str, tuple[str, ...]], known: Choices) -> forms.Field:
        if name in named:
            options = _with(named[name], [getattr(self.present, name)])
            return forms.ChoiceField(required=False, choices=[("", "–"), *options])
        if name == "segments":
            return forms.MultipleChoiceField(
                required=False,
                choices=_with(known.segments, self.present.segments or ()),
                widget=forms.SelectMultiple(attrs={"size": 8}),
            )
        if name == "outcome_is_good":
            options = [(value, in_words(text)) for value, text in (("", NO), ("yes", YES))]
            return forms.ChoiceField(required=False, choices=options)
        if name == FORMULAS:
            return forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}))
        return forms.CharField(required=False, max_length=200)

    @staticmethod
    def shown(settings: Settings, formulas: str, read: str) -> dict[str, Any]:
        """The present settings as the fields show them."""
        values = {name: getattr(settings, name) for name in FIELDS}
        texts = {name: "" if value is None else str(value) for name, value in values.items()}
        good = "yes" if settings.outcome_is_good else ""
        own = {"segments": list(settings.segments or ()), "outcome_is_good": good, FORMULAS: formulas}
        return {**texts, **own, "read": read}

    def values(self) -> dict[str, Any]:
        """What was typed, as the file writes it: numbers and dates where it is some, None where it is nothing."""
        data = self.cleaned_data
        values = {name: _typed(name, data[name]) for name in FIELDS}
        values["segments"] = list(data["segments"]) or None
        values["outcome_is_good"] = True if data["outcome_is_good"] else None
        return values

    def groups(self) -> list[tuple[Message, list[Any]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in GROUPS]

    def refuse(self, error: SettingsError) -> None:
        """Put every problem at its field."""
        for problem in error.problems:
            place = problem.column if problem.column in self.fields else None
            self.add_error(place, in_words(problem.reason))
        if not error.problems:
            self.add_error(None, in_words(error.what))


YES, NO = Message(gettext_noop("yes")), Message(gettext_noop("no"))


def _with(known: Iterable[str], present: Iterable[str | None]) -> list[tuple[str, str]]:
    return [(name, name) for name in dict.fromkeys([*known, *filter(None, present)])]


def _typed(name: str, text: str) -> Any:
    readers = {"as_of": date.fromisoformat, "score_window_days": int, "horizon_days": int, "margin": float}
    if not text:
        return None
    try:
        return readers[name](text) if name in readers else text
    except ValueError:
        return text
