"""Who handed which customers to whom, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from harken.vocabulary.messages import gettext_noop


class HandOver(models.Model):
    """A list of customers from one run, given to a person to contact. Holds numbers of the lake, never names."""

    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="hand_overs")
    note = models.TextField(blank=True)
    run_id = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"hand-over {self.pk} of {self.made:%Y-%m-%d}"


class HandedCustomer(models.Model):
    """One customer of a hand-over with what the run forecast of them then.

    `held_out` ones were in the list that was chosen but were not handed over: they are left alone and kept here, so
    that what contacting brought can be measured against them.
    """

    class Outcome(models.TextChoices):
        """What came of it; empty while it is open."""

        REACHED = "reached", gettext_noop("reached")
        NOT_REACHED = "not_reached", gettext_noop("not reached")
        NOT_NEEDED = "not_needed", gettext_noop("not needed")

    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="customers")
    customer_id = models.BigIntegerField(db_index=True)
    place = models.PositiveIntegerField()
    risk = models.FloatField(null=True)
    value_at_stake = models.FloatField(null=True)
    action = models.JSONField(null=True)
    held_out = models.BooleanField(default=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    note = models.TextField(blank=True)
    done = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("hand_over", "customer_id"), name="handed_customer_once"),)

    def __str__(self) -> str:
        return f"{self.customer_id} of {self.hand_over_id}"
