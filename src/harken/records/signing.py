"""Who may come in: by name or e-mail and password, not too often in vain."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.db.models import F

from harken.records.models import SignInFailures, User

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 50


class NameOrEmail(ModelBackend):
    """Django's backend; `User.objects.get_by_natural_key` accepts a name or an e-mail address."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **fields: Any
    ) -> User | None:
        """The active user with this name or address and password, or None after the same time of hashing."""
        return super().authenticate(request, username=(username or "").strip(), password=password, **fields)


def _keys(account: str, address: str) -> dict[str, int]:
    """The counters a try belongs to, each with its limit; keyed hashes, so the table names nobody."""
    texts = {
        f"account\0{account.strip().casefold()}\0{address}": FAILURES_PER_ACCOUNT,
        f"address\0{address}": FAILURES_PER_ADDRESS,
    }
    secret = settings.SECRET_KEY.encode()
    return {hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(): limit for text, limit in texts.items()}


def count_try(account: str, address: str, now: datetime) -> timedelta | None:
    """Count a sign-in before its password is checked, so that parallel tries cannot slip through.

    Returns None where it may go on, else how long to wait.
    """
    wait = timedelta(0)
    with transaction.atomic():
        SignInFailures.objects.filter(since__lte=now - WINDOW).delete()
        for key, limit in sorted(_keys(account, address).items()):
            row, _ = SignInFailures.objects.get_or_create(key=key, defaults={"since": now})
            row = SignInFailures.objects.select_for_update().get(key=key)
            if row.failures >= limit:
                wait = max(wait, row.since + WINDOW - now)
            else:
                SignInFailures.objects.filter(key=key).update(failures=F("failures") + 1)
    return wait or None


def forget_tries(account: str, address: str) -> None:
    """After the right password: this account's failures are forgotten, the address keeps all but this one."""
    with transaction.atomic():
        for key, limit in _keys(account, address).items():
            rows = SignInFailures.objects.filter(key=key)
            if limit == FAILURES_PER_ACCOUNT:
                rows.delete()
            else:
                rows.filter(failures__gt=0).update(failures=F("failures") - 1)
