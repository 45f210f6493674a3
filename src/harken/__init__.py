"""Harken hears every customer, learns what matters and how sure we are, acts, and proves that it paid."""

__version__ = "0.1.0"
