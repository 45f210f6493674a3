"""Texts into numbers, set by set: SQL macros for blanks, numbers with separators and signs, keys, clock times."""

from __future__ import annotations

from collections.abc import Iterable

BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"
CURRENCY = r"(?:[A-Z]{3}|US\$|R\$|HK\$|NT\$|RMB|CN¥|[$€£¥￥₹₩₽฿₫₺])"
AFTER = r"(?:%|‰|[A-Z]{3}|[$€£¥￥元圆块]|kr|zł)"
POINT_DIGITS = r"(?:\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:[,'’ \x{00a0}\x{202f}]\d{3})+|\d+)(?:\.\d*)?|\.\d+"
COMMA_DIGITS = r"(?:\d{1,3}(?:[.'’ \x{00a0}\x{202f}]\d{3})+|\d+)(?:,\d*)?|,\d+"
SCORE_WITH_WORDS = r"^\s*(-?\d+(?:\.\d+)?)\s*(?:[-–—:：=.)）(（、]|stars?|星|分|点|points?)\s*(?:\D.*)?$"
WIDE_FROM = "０１２３４５６７８９．，－＋％（）　−"
WIDE_TO = "0123456789.,-+%() -"


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def among(text: str, words: Iterable[str]) -> str:
    """SQL that is true where a text is one of the words.

    An OR rather than an IN: with a hundred columns in one query DuckDB takes minutes to set up INs over lists.
    """
    return "(" + (" OR ".join(f"{text} = {literal(word)}" for word in words) or "false") + ")"


def number_pattern(digits: str) -> str:
    """The pattern of a number with a currency, percent or Chinese unit around it."""
    return rf"[-+(]?\s*{CURRENCY}?\s*[-+]?\s*(?:{digits})\s*[千万萬亿億]?\s*{AFTER}?\s*-?\)?"


def macros() -> tuple[str, ...]:
    """The statements that define the macros in a staging database.

    `tidy(t)` cuts blanks of every kind off both ends; `number_of(t)` and `number_of_comma(t)` read a number with a
    decimal point or comma, thousands separators, currency or percent sign, brackets for minus, 万 and 亿;
    `key_of(t)` is a customer's number without the ".0" that spreadsheets add; `clock_seconds(t)` reads 1:02:03.
    Each gives NULL for what it cannot read.
    """
    wide = f"translate(t, {literal(WIDE_FROM)}, {literal(WIDE_TO)})"
    finite = "CASE WHEN isfinite(TRY_CAST(t AS DOUBLE)) THEN TRY_CAST(t AS DOUBLE) END"
    point, comma = (
        # The lambda keeps the costly part away from the texts that are plain numbers: DuckDB would compute a
        # repeated expression for every row, before it looks whether the row needs it.
        f"list_transform([{wide}], lambda w: CASE WHEN regexp_full_match(w, {literal(number_pattern(digits))}) THEN"
        " (CASE WHEN regexp_matches(w, '^[(-]|-\\)?$|^\\D{0,4}-') THEN -1 ELSE 1 END)"
        " * (CASE WHEN regexp_matches(w, '[亿億]') THEN 1e8 WHEN regexp_matches(w, '[万萬]') THEN 1e4"
        " WHEN contains(w, '千') THEN 1e3 ELSE 1 END)"
        f" * TRY_CAST({cleaned} AS DOUBLE) END)[1]"
        for digits, cleaned in (
            (POINT_DIGITS, "regexp_replace(w, '[^0-9.]', '', 'g')"),
            (COMMA_DIGITS, "replace(regexp_replace(w, '[^0-9,]', '', 'g'), ',', '.')"),
        )
    )
    return (
        # Most cells have no blank at either end, which is cheaper to see than to cut.
        f"CREATE OR REPLACE MACRO tidy(t) AS CASE WHEN {inner('unicode(t)')} AND {inner('unicode(right(t, 1))')}"
        f" THEN t ELSE trim(t, {literal(BLANKS)}) END",
        f"CREATE OR REPLACE MACRO number_of(t) AS coalesce({finite}, {point})",
        f"CREATE OR REPLACE MACRO number_of_comma(t) AS {comma}",
        "CREATE OR REPLACE MACRO key_of(t) AS CASE WHEN ends_with(t, '.0') THEN"
        " regexp_replace(t, '^(\\d+)\\.0$', '\\1') ELSE t END",
        "CREATE OR REPLACE MACRO clock_seconds(t) AS CASE"
        " WHEN regexp_full_match(t, '\\d+:[0-5]?\\d:[0-5]?\\d(\\.\\d+)?') THEN"
        " CAST(split_part(t, ':', 1) AS DOUBLE) * 3600 + CAST(split_part(t, ':', 2) AS DOUBLE) * 60"
        " + CAST(split_part(t, ':', 3) AS DOUBLE)"
        " WHEN regexp_full_match(t, '\\d+:[0-5]?\\d(\\.\\d+)?') THEN"
        " CAST(split_part(t, ':', 1) AS DOUBLE) * 60 + CAST(split_part(t, ':', 2) AS DOUBLE) END",
    )


def inner(code: str) -> str:
    """SQL that is true for the code point of a letter, sign or digit rather than a blank."""
    wide = f"{code} <> 160 AND {code} <> 8203 AND {code} <> 12288 AND {code} <> 65279"
    return f"{code} > 32 AND {wide}"


def filled_sql(column: str, blank: Iterable[str]) -> str:
    """A cell without blanks around it, NULL where it holds one of the texts that mean nothing."""
    return f"CASE WHEN {among(f'tidy({column})', blank)} THEN NULL ELSE tidy({column}) END"


def number_sql(text: str, decimal: str = ".") -> str:
    """The number a text holds."""
    return f"number_of({text})" if decimal == "." else f"number_of_comma({text})"


def score_sql(text: str, codes: Iterable[tuple[str, float]], decimal: str = ".") -> str:
    """The score a text holds: a declared code, a number, or a number with words such as "10 - very likely"."""
    spoken = f"regexp_extract({text}, {literal(SCORE_WITH_WORDS)}, 1)"
    number = f"coalesce({number_sql(text, decimal)}, TRY_CAST({spoken} AS DOUBLE))"
    cases = " ".join(f"WHEN {literal(word)} THEN {float(value)!r}" for word, value in codes)
    return f"CASE {text} {cases} ELSE {number} END" if cases else number
