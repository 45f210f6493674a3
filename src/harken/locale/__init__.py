"""Harken in the reader's language: the catalogues and how numbers, money and dates are written in each."""

from harken.locale.catalogue import LANGUAGES, translator
from harken.locale.formats import render

__all__ = ["LANGUAGES", "render", "translator"]
