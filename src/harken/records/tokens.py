"""One-time addresses: made, looked at, used up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from harken.records.models import LoginToken, User


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(purpose: str, user: User | None, now: datetime, *, valid_for: timedelta) -> str:
    """A new token; earlier unused ones for the same purpose and user stop working."""
    LoginToken.objects.filter(purpose=purpose, user=user, used=None).delete()
    token = secrets.token_urlsafe(24)
    LoginToken.objects.create(
        token_hash=_hash(token), purpose=purpose, user=user, created=now, expires=now + valid_for
    )
    return token


def holds(token: str, purpose: str, now: datetime) -> bool:
    """True while the token could still be used."""
    return LoginToken.objects.filter(token_hash=_hash(token), purpose=purpose, used=None, expires__gt=now).exists()


def use(token: str, purpose: str, now: datetime) -> LoginToken | None:
    """Use the token up: its record for one caller, None for all others and where it is unknown or expired."""
    rows = LoginToken.objects.filter(token_hash=_hash(token), purpose=purpose, used=None, expires__gt=now)
    if rows.update(used=now) != 1:
        return None
    return LoginToken.objects.select_related("user").get(token_hash=_hash(token))
