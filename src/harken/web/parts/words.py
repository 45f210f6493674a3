"""Template tags and filters for words and numbers; available in every template."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from harken.locale import formats
from harken.vocabulary.estimates import Estimate, Evidence
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.periods import Period
from harken.web.parts.charts import Unit
from harken.web.parts.messages import in_html, in_words, language

register = template.Library()

EVIDENCE = {
    Evidence.ASSOCIATIONAL: (Message(gettext_noop("associational")), ""),
    Evidence.ADJUSTED: (Message(gettext_noop("adjusted")), "chip-adjusted"),
    Evidence.EXPERIMENTAL: (Message(gettext_noop("experimental")), "chip-experimental"),
}


@register.simple_tag
def say(text: str, **values: Any) -> SafeString:
    """`{% say "{n} customers" n=count %}`: a sentence with places, in the reader's language, values escaped."""
    return in_html(text, values)


@register.simple_tag
def sentences(*messages: Any) -> str:
    """Sentences one after the other, with a space between them where the language has spaces."""
    return ("" if language().startswith("zh") else " ").join(in_words(message) for message in messages if message)


@register.simple_tag
def sentences_of(messages: Any) -> str:
    """A list of sentences, one after the other."""
    return sentences(*messages)


@register.filter
def words(value: Any) -> str:
    """A Message (or a text of the company's own) in the reader's language."""
    return in_words(value)


@register.filter
def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return "–" if value is None else formats.number(round(value), 0)


@register.filter
def figure(value: float | None, decimals: int | None = None) -> str:
    """A number; without decimals three figures."""
    return "–" if value is None else formats.number(value, decimals)


@register.filter
def percent(share: float | None, decimals: int = 1) -> str:
    """A share from 0 to 1 as per cent."""
    return "–" if share is None else formats.percent(share, decimals)


@register.filter
def money(amount: float | None, currency: str) -> str:
    """An amount in the reporting currency, large ones shortened."""
    return "–" if amount is None else formats.money(amount, currency, language())


@register.filter
def day(value: date | None) -> str:
    """A calendar day."""
    return "–" if value is None else formats.day(value, language())


@register.filter
def month_name(value: date) -> str:
    """The month of a day."""
    return formats.month(value, language())


@register.filter
def local_day(value: datetime | None, zone: str = "UTC") -> str:
    """The calendar day of a moment in the company's zone."""
    return "–" if value is None else formats.day(value.astimezone(ZoneInfo(zone)).date(), language())


@register.filter
def moment(value: datetime | None, zone: str = "UTC") -> str:
    """A day and time in the company's zone."""
    return "–" if value is None else formats.moment(value.astimezone(ZoneInfo(zone)), language())


@register.filter
def period(value: Period | None) -> str:
    """First to last day of a period."""
    if value is None:
        return "–"
    return in_words(Message(gettext_noop("{start} to {end}"), {"start": value.start, "end": value.last_day}))


@register.filter
def as_number(estimate: Estimate, unit: Unit) -> str:
    """An estimate's value in its unit, with the decimals that its interval can bear."""
    return unit.write(estimate.value, estimate.interval.half_width)


@register.filter
def as_range(estimate: Estimate, unit: Unit) -> str:
    """An estimate's interval in its unit, as words: "15 to 21"."""
    half = estimate.interval.half_width
    low, high = (unit.write(end, half) for end in (estimate.interval.lower, estimate.interval.upper))
    return in_words(Message(gettext_noop("{low} to {high}"), {"low": low, "high": high}))


@register.inclusion_tag("parts/chip.html")
def evidence(kind: Evidence | str) -> dict[str, Any]:
    """How far an effect may be read as a cause, as a chip."""
    label, style = EVIDENCE[Evidence(kind)]
    return {"label": label, "style": style}


@register.filter
def family_name(family: str) -> Message:
    """What a driver family is called."""
    from harken.usecases.families import label

    return label(family)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None
