"""Who may sign in and as what: changes by owners, each noted; plain values in and out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from harken.records.accounts import Account, account_of, add_account
from harken.records.connection import connect
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    from harken.records.models import User

ROLES = ("owner", "analyst", "member")
VALID_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an account: `by` is None where it was done at the command line."""

    at: datetime
    by: str | None
    about: str
    what: str
    before: str
    after: str


def invite(
    root: Path, by: str | None, *, username: str, role: str, email: str = "", name: str = "", language: str = ""
) -> str:
    """Make an account without a password; the token of a one-time address at which its owner chooses one.

    Raises SettingsError naming everything that does not fit.
    """
    connect(root)
    from django.db import transaction

    with transaction.atomic():
        add_account(root, username=username, password=None, role=role, email=email, name=name, language=language)
        user = _user(username)
        _note(by, user, "invited", after=role)
        return _address(user)


def change_role(root: Path, by: str | None, username: str, role: str) -> Account:
    """Give a person another role; the last owner who may sign in keeps theirs."""
    with _changed(root, username) as user:
        if role not in ROLES:
            raise SettingsError(
                Message(gettext_noop("{role} is no role."), {"role": role}),
                Message(gettext_noop("Known are: {known}."), {"known": ", ".join(ROLES)}),
            )
        if user.role != role:
            if role != "owner":
                _another_owner(user)
            _note(by, user, "role", before=user.role, after=role)
            user.role = role
            user.save(update_fields=["role"])
    return account_of(user)


def set_active(root: Path, by: str | None, username: str, active: bool) -> Account:
    """Let a person in again, or no longer; the account and what it decided stay. Never the last owner."""
    from harken.records.models import LoginToken

    with _changed(root, username) as user:
        if user.is_active != active:
            if not active:
                _another_owner(user)
                LoginToken.objects.filter(user=user, used=None).delete()
            _note(by, user, "activated" if active else "deactivated")
            user.is_active = active
            user.save(update_fields=["is_active"])
    return account_of(user)


def new_address(root: Path, by: str | None, username: str) -> str:
    """The token of a new one-time address at which a person chooses a new password; earlier ones stop working."""
    with _changed(root, username) as user:
        if not user.is_active:
            raise SettingsError(
                Message(gettext_noop("{name} is deactivated."), {"name": user.username}),
                Message(gettext_noop("Activate the account first.")),
            )
        _note(by, user, "address")
        return _address(user)


def changes(root: Path, at_most: int) -> tuple[Change, ...]:
    """The latest changes of accounts, newest first."""
    connect(root)
    from harken.records.models import AccountChange

    rows = AccountChange.objects.select_related("by", "about").order_by("-at", "-id")[:at_most]
    return tuple(
        Change(row.at, None if row.by is None else str(row.by), str(row.about), row.what, row.before, row.after)
        for row in rows
    )


@contextmanager
def _changed(root: Path, username: str) -> Iterator[User]:
    """The account to change, locked with all owners, so that two changes cannot each leave the other's owner."""
    connect(root)
    from django.db import transaction

    from harken.records.models import User

    with transaction.atomic():
        list(User.objects.select_for_update().filter(role="owner").order_by("pk"))
        yield _user(username)


def _user(username: str) -> User:
    from harken.records.models import User

    try:
        return User.objects.get_by_natural_key(username.strip())
    except User.DoesNotExist:
        raise SettingsError(Message(gettext_noop("There is no account {name}."), {"name": username})) from None


def _another_owner(user: User) -> None:
    from harken.records.models import User

    others = User.objects.filter(role="owner", is_active=True).exclude(pk=user.pk)
    if user.role == "owner" and user.is_active and not others.exists():
        raise SettingsError(
            Message(gettext_noop("{name} is the last owner who may sign in."), {"name": user.username}),
            Message(gettext_noop("Make somebody else an owner first.")),
        )


def _note(by: str | None, about: User, what: str, *, before: str = "", after: str = "") -> None:
    from django.utils import timezone

    from harken.records.models import AccountChange

    author = None if by is None else _user(by)
    AccountChange.objects.create(at=timezone.now(), by=author, about=about, what=what, before=before, after=after)


def _address(user: User) -> str:
    from django.utils import timezone

    from harken.records.models import LoginToken
    from harken.records.tokens import make_token

    return make_token(LoginToken.Purpose.CHOOSE_PASSWORD, user, timezone.now(), valid_for=VALID_FOR)
