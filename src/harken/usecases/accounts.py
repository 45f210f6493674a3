"""Accounts: the first owner, more people, and one-time addresses for the first visit and the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from harken.records import accounts, commands
from harken.records.accounts import Account
from harken.records.connection import make_secret_key

DEMO_ACCOUNT = "demo"


@dataclass(frozen=True, slots=True)
class Entry:
    """A one-time address: `path` follows the server's address; whoever opens it first within a day is in."""

    path: str

    def at(self, address: str) -> str:
        """The whole address.

        >>> Entry("/enter/abc/").at("http://127.0.0.1:8000/")
        'http://127.0.0.1:8000/enter/abc/'
        """
        return address.rstrip("/") + self.path


def prepare_records(root: Path) -> tuple[str, ...]:
    """Make a workspace folder's secret key and tables; names of the migrations applied. Safe to repeat."""
    make_secret_key(root)
    return commands.migrate(root)


def create_owner(
    root: Path, *, username: str, password: str, email: str = "", name: str = "", language: str = ""
) -> Account:
    """Make an owner's account; raises SettingsError naming all that does not fit (name taken, weak password)."""
    return accounts.add_account(
        root, username=username, password=password, role="owner", email=email, name=name, language=language
    )


def add_person(
    root: Path, *, username: str, password: str, role: str, email: str = "", name: str = "", language: str = ""
) -> Account:
    """Make an account with a role: "owner", "analyst" or "member"."""
    return accounts.add_account(
        root, username=username, password=password, role=role, email=email, name=name, language=language
    )


def change_password(root: Path, username: str, password: str) -> None:
    """Give somebody a new password; raises SettingsError for an unknown account or a weak password."""
    accounts.change_password(root, username, password)


def list_people(root: Path) -> tuple[Account, ...]:
    """Everybody who may sign in."""
    return accounts.list_accounts(root)


def first_visit(root: Path) -> Entry | None:
    """A new one-time address at which the owner's account is made; None where somebody has an account already."""
    token = accounts.set_up_token(root)
    return None if token is None else Entry(f"/set-up/{token}/")


def way_in(root: Path) -> Entry:
    """The address to open: to make the owner's account while nobody has one, to enter once where nobody has a
    password (the demo), else the plain start page."""
    visit = first_visit(root)
    if visit is not None:
        return visit
    people = [account for account in list_people(root) if account.active]
    owners = [account for account in people if account.role == "owner"]
    if owners and not any(account.has_password for account in people):
        return enter_as(root, owners[0].username)
    return Entry("/")


def enter_as(root: Path, username: str, *, valid_for: timedelta = timedelta(days=1)) -> Entry:
    """A new one-time address that signs `username` in without a password."""
    return Entry(f"/enter/{accounts.entry_token(root, username, valid_for=valid_for)}/")


def enter_demo(root: Path, *, language: str = "") -> Entry:
    """A new one-time address into a demo workspace, whose owner has no password at all."""
    if not any(account.username == DEMO_ACCOUNT for account in accounts.list_accounts(root)):
        accounts.add_account(root, username=DEMO_ACCOUNT, password=None, role="owner", language=language)
    return enter_as(root, DEMO_ACCOUNT)
