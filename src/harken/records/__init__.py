"""What people decide: users and, later, surveys, cases, goals (Django models and migrations)."""

from harken.records.connection import connect

__all__ = ["connect"]
