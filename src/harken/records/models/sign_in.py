"""Ways in: one-time addresses, and what was tried in vain."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from harken.vocabulary.messages import gettext_noop


class LoginToken(models.Model):
    """A one-time address: whoever holds it enters as `user`, or sets up the owner where there is no user yet.

    Only the token's SHA-256 is kept, so a stolen copy of the records opens nothing.
    """

    class Purpose(models.TextChoices):
        """What the address is for."""

        ENTER = "enter", gettext_noop("sign in once")
        SET_UP = "set_up", gettext_noop("set up the owner")
        CHOOSE_PASSWORD = "password", gettext_noop("choose a password")

    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="login_tokens")
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires:%Y-%m-%d %H:%M}"


class SignInFailures(models.Model):
    """How often a sign-in was tried in vain since `since`, by account and address; kept only as a keyed hash."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.failures} since {self.since:%Y-%m-%d %H:%M}"
