"""Which fields tell who somebody is: the lake's own by meaning, a company's columns by what they are called."""

from __future__ import annotations

import re

PERSONAL_FIELDS = frozenset({"name", "email", "phone", "text_ref", "agent"})
"""Columns of people and signals that hold names, addresses or free words."""

_HEADER = re.compile(
    r"(?<![a-z])(?:e ?mail|mail|phone|mobile|tel|address|street|postcode|zip|birth\w*|dob|age|gender|sex|passport"
    r"|ssn|iban|latitude|longitude|ip)(?![a-z])"
    r"|^(?:(?:full|first|last|sur|customer|contact|person) ?)?name$"
    r"|姓名|名字|邮箱|郵箱|邮件|郵件|电话|電話|手机|手機|地址|住址|生日|出生|年龄|年齡|性别|性別|身份证|身分證|护照|護照",
    re.IGNORECASE,
)


def is_personal(kind: str, field: str) -> bool:
    """Whether a field tells who somebody is; of a customer table ("snapshot") judged by its header alone.

    >>> is_personal("people", "email"), is_personal("contact", "wait_s")
    (True, False)
    >>> is_personal("snapshot", "birth_year"), is_personal("snapshot", "手机号"), is_personal("snapshot", "E-Mail")
    (True, True, True)
    >>> is_personal("snapshot", "plan_name"), is_personal("snapshot", "package"), is_personal("snapshot", "usage")
    (False, False, False)
    """
    if kind != "snapshot":
        return field in PERSONAL_FIELDS
    return _HEADER.search(re.sub(r"[_\-.]+", " ", field).strip()) is not None
