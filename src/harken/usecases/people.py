"""People: who may sign in and as what, invited and changed by owners, each change noted."""

from __future__ import annotations

from pathlib import Path

from harken.records import people
from harken.records.accounts import Account, list_accounts
from harken.records.people import ROLES, VALID_FOR, Change
from harken.usecases.accounts import Entry

__all__ = [
    "ROLES", "VALID_FOR", "Account", "Change", "change_role", "changes", "invite", "list_people", "new_address",
    "set_active",
]  # fmt: skip

CHANGES_SHOWN = 50


def list_people(root: Path) -> tuple[Account, ...]:
    """Everybody who has an account, by name."""
    return list_accounts(root)


def changes(root: Path) -> tuple[Change, ...]:
    """The latest changes of accounts, newest first; at most 50."""
    return people.changes(root, CHANGES_SHOWN)


def invite(
    root: Path, *, by: str | None, username: str, role: str, email: str = "", name: str = "", language: str = ""
) -> Entry:
    """Make an account without a password, and a one-time address to hand over, valid for three days.

    Nothing is sent. Raises SettingsError naming everything that does not fit.
    """
    return _entry(people.invite(root, by, username=username, role=role, email=email, name=name, language=language))


def change_role(root: Path, username: str, role: str, *, by: str | None) -> Account:
    """Give a person another role; raises SettingsError for the last owner, an unknown role or account."""
    return people.change_role(root, by, username, role)


def set_active(root: Path, username: str, active: bool, *, by: str | None) -> Account:
    """Deactivate or activate an account, which is never deleted; raises SettingsError for the last owner."""
    return people.set_active(root, by, username, active)


def new_address(root: Path, username: str, *, by: str | None) -> Entry:
    """A new one-time address for whoever forgot the password, valid for three days; earlier ones stop working."""
    return _entry(people.new_address(root, by, username))


def _entry(token: str) -> Entry:
    return Entry(f"/enter/{token}/")
