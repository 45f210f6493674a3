"""Accounts for use cases: plain values in, plain values out, Django kept inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from harken.records.connection import connect
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    from harken.records.models import User


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    username: str
    email: str
    name: str
    role: str
    active: bool
    has_password: bool
    language: str
    last_sign_in: datetime | None


def account_of(user: User) -> Account:
    """A user as plain values."""
    return Account(
        user.username,
        user.email,
        user.name,
        user.role,
        user.is_active,
        user.has_usable_password(),
        user.language,
        user.last_login,
    )


def list_accounts(root: Path) -> tuple[Account, ...]:
    """All accounts, by name."""
    connect(root)
    from harken.records.models import User

    return tuple(account_of(user) for user in User.objects.order_by("username"))


def has_accounts(root: Path) -> bool:
    """True where somebody can sign in already."""
    connect(root)
    from harken.records.models import User

    return User.objects.exists()


def add_account(
    root: Path,
    *,
    username: str,
    password: str | None,
    role: str,
    email: str = "",
    name: str = "",
    language: str = "",
) -> Account:
    """Add a person; raises SettingsError naming everything that does not fit."""
    connect(root)
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from harken.records.models import User

    fields = {"email": email, "name": name, "role": role, "language": language}
    try:
        if password is not None:
            validate_password(password, User(username=username, **fields))
        user = User.objects.create_user(username, password, **fields)
    except ValidationError as error:
        messages = error.message_dict if hasattr(error, "error_dict") else {"password": error.messages}
        problems = [
            Problem(Message(text), column=None if field == "__all__" else field)
            for field, texts in messages.items()
            for text in texts
        ]
        raise SettingsError(Message(gettext_noop("The account was not made.")), None, problems) from None
    return account_of(user)


def change_password(root: Path, username: str, password: str) -> None:
    """Give a person a new password; whoever is signed in as them elsewhere is signed out."""
    connect(root)
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from harken.records.models import User

    try:
        user = User.objects.get_by_natural_key(username)
        validate_password(password, user)
    except User.DoesNotExist:
        raise SettingsError(Message(gettext_noop("There is no account {name}."), {"name": username})) from None
    except ValidationError as error:
        problems = [Problem(Message(text), column="password") for text in error.messages]
        raise SettingsError(Message(gettext_noop("The password was not changed.")), None, problems) from None
    user.set_password(password)
    user.save(update_fields=["password"])


def set_up_token(root: Path, *, valid_for: timedelta = timedelta(days=1)) -> str | None:
    """A one-time token to make the first owner in the browser; None where there are accounts already."""
    if has_accounts(root):
        return None
    from django.utils import timezone

    from harken.records.models import LoginToken
    from harken.records.tokens import make_token

    return make_token(LoginToken.Purpose.SET_UP, None, timezone.now(), valid_for=valid_for)


def entry_token(root: Path, username: str, *, valid_for: timedelta = timedelta(days=1)) -> str:
    """A one-time token that signs in `username` once."""
    connect(root)
    from django.utils import timezone

    from harken.records.models import LoginToken, User
    from harken.records.tokens import make_token

    user = User.objects.get_by_natural_key(username)
    return make_token(LoginToken.Purpose.ENTER, user, timezone.now(), valid_for=valid_for)
