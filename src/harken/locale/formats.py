"""Numbers, money, dates and whole sentences as a reader of each language writes them."""

from __future__ import annotations

import math
from datetime import date, datetime

from harken.locale.catalogue import translator
from harken.vocabulary.messages import Message, Parameter

MINUS = "\N{MINUS SIGN}"
NARROW = "\N{NARROW NO-BREAK SPACE}"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYMBOLS = {"CNY": "¥", "JPY": "¥", "TWD": "NT$", "HKD": "HK$", "USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩"}
_LARGE: dict[str, tuple[tuple[float, str], ...]] = {
    "en": ((1e9, f"{NARROW}bn"), (1e6, f"{NARROW}M"), (1e3, f"{NARROW}k")),
    "zh-hans": ((1e8, f"{NARROW}亿"), (1e4, f"{NARROW}万")),
    "zh-hant": ((1e8, f"{NARROW}億"), (1e4, f"{NARROW}萬")),
}


def number(value: float, decimals: int | None = None, *, signed: bool = False) -> str:
    """A number with thousands separators and a true minus sign; without `decimals` three figures are kept.

    The three languages share this form. A zero never carries a sign.

    >>> number(1234567), number(-0.0312), number(12.5, 1, signed=True), number(-0.01, 1)
    ('1,234,567', '−0.0312', '+12.5', '0.0')
    """
    if isinstance(value, int) and decimals is None:
        text = f"{abs(value):,}"
    elif not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    elif decimals is None:
        text = _three_figures(abs(value))
    else:
        text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def _three_figures(size: float) -> str:
    if size == 0 or size >= 100:
        return f"{size:,.0f}"
    decimals = min(2 - math.floor(math.log10(size)), 6)
    text = f"{size:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_for(half_width: float, most: int = 1) -> int:
    """How many decimals a number deserves whose interval has this half-width: never more than it can bear.

    Two figures of the half-width where they are at most 35, else one (rounding rule of the Particle Data Group).

    >>> decimals_for(15.0), decimals_for(1.9), decimals_for(5.0), decimals_for(0.6), decimals_for(0.04, most=3)
    (0, 1, 0, 1, 2)
    """
    if not math.isfinite(half_width) or half_width <= 0:
        return most
    power = math.floor(math.log10(half_width))
    figures = 2 if round(half_width / 10.0 ** (power - 1)) <= 35 else 1
    return max(0, min(figures - 1 - power, most))


def percent(share: float, decimals: int = 1, *, signed: bool = False) -> str:
    """A share from 0 to 1 as per cent.

    >>> percent(0.0984)
    '9.8%'
    """
    return number(share * 100, decimals, signed=signed) + ("%" if math.isfinite(share) else "")


def money(amount: float, currency: str, language: str, *, decimals: int | None = None) -> str:
    """An amount in the reporting currency, large ones in millions or, in Chinese, in units of 10,000.

    >>> money(4_200_000, "CNY", "en"), money(-4_200_000, "CNY", "zh-hans"), money(812.4, "EUR", "zh-hant")
    ('¥4.2\\u202fM', '−¥420\\u202f万', '€812')
    >>> money(3.5, "USD", "en")
    '$3.50'
    """
    symbol = _SYMBOLS.get(currency, f"{currency}{NARROW}")
    if not math.isfinite(amount):
        return number(amount)
    size, unit = abs(amount), ""
    for threshold, name in _LARGE[language]:
        if size >= threshold * (10 if threshold in (1e3, 1e4) and size < 1e5 else 1):
            size, unit = size / threshold, name
            break
    if decimals is None:
        decimals = (0 if size >= 100 else 1) if unit else 0 if size >= 10 else 2
    text = number(size, decimals)
    if decimals and unit and text.endswith(".0"):
        text = text[:-2]
    return f"{MINUS if amount < 0 and text.strip('0.,') else ''}{symbol}{text}{unit}"


def day(value: date, language: str) -> str:
    """A calendar day.

    >>> day(date(2026, 10, 31), "en"), day(date(2026, 10, 31), "zh-hant")
    ('31 Oct 2026', '2026年10月31日')
    """
    if language == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def month(value: date, language: str) -> str:
    """The month of a day.

    >>> month(date(2026, 10, 31), "en"), month(date(2026, 10, 31), "zh-hans")
    ('Oct 2026', '2026年10月')
    """
    return f"{_MONTHS[value.month - 1]} {value.year}" if language == "en" else f"{value.year}年{value.month}月"


def quarter(value: date, language: str) -> str:
    """The quarter of a day.

    >>> (
    ...     quarter(date(2026, 10, 31), "en"),
    ...     quarter(date(2026, 10, 31), "zh-hans"),
    ...     quarter(date(2026, 1, 1), "zh-hant"),
    ... )
    ('Q4 2026', '2026年第4季度', '2026年第1季')
    """
    number = (value.month + 2) // 3
    if language == "en":
        return f"Q{number} {value.year}"
    return f"{value.year}年第{number}季{'度' if language == 'zh-hans' else ''}"


def moment(value: datetime, language: str) -> str:
    """A day and the time of day, to the minute.

    >>> moment(datetime(2026, 10, 31, 9, 5), "en")
    '31 Oct 2026, 09:05'
    """
    comma = ", " if language == "en" else " "
    return f"{day(value, language)}{comma}{value:%H:%M}"


def parameter(value: Parameter, language: str) -> str:
    """One parameter of a sentence, by its kind."""
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return number(value)
    return value


def render(message: Message, language: str) -> str:
    """A message as a sentence in `language`, with its numbers and dates in that language's form.

    >>> render(Message("{n} of {total} customers answered.", {"n": 1962, "total": 20000}), "en")
    '1,962 of 20,000 customers answered.'
    """
    return message.render(translator(language), lambda value: parameter(value, language))
