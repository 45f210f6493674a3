"""Keeps personal data out of log lines."""

from __future__ import annotations

import logging
import re

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN = re.compile(r"(/(?:enter|set-up)/)[^/\s]+")
_PERSON = re.compile(r"(/customers/)[^/\s?]+")
_QUERY = re.compile(r"\?[^\s'\"]*")
_PHONE = re.compile(r"(?<![\w.:-])\+?\d[\d ().-]{6,}\d(?![\w:])")


def mask(text: str) -> str:
    """`text` without e-mail addresses, telephone numbers, one-time tokens, customer numbers and search terms.

    >>> mask("mail li.wei@example.com, call +86 138 0013 8000; GET /enter/s3cret/ /act/customers/77?q=Li")
    'mail <email>, call <number>; GET /enter/<token>/ /act/customers/<customer>?<query>'
    """
    text = _QUERY.sub("?<query>", _EMAIL.sub("<email>", text))
    text = _PERSON.sub(r"\1<customer>", _TOKEN.sub(r"\1<token>", text))
    return _PHONE.sub("<number>", text)


class MaskPersonalData(logging.Filter):
    """Masks the finished line of every record, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record, with its text masked."""
        record.msg, record.args = mask(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True
