"""Formats of other tools: bytes in, rows of named texts out."""
