"""What was changed about the people who may sign in: who did it, when, about whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AccountChange(models.Model):
    """One change of an account; kept for as long as the workspace is."""

    class What(models.TextChoices):
        """What was done."""

        INVITED = "invited"
        ROLE = "role"
        DEACTIVATED = "deactivated"
        ACTIVATED = "activated"
        ADDRESS = "address"

    at = models.DateTimeField()
    # Empty where it was done at the command line, whose user signs in to the machine, not to Harken.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="changes_made")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="changes")
    what = models.CharField(max_length=20, choices=What.choices)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"
