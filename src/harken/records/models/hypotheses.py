"""What people believe about customers, what each analysis said of it, and what was decided."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from harken.vocabulary.messages import gettext_noop


class Hypothesis(models.Model):
    """Something a person believes, in their own words, and what of an analysis can tell.

    `kind` is empty where nothing that is measured can tell yet; then `needed` says which data would. `asked`,
    `asked_on` and `due` are the request to the owner of such data. A retired one is judged no more.
    """

    statement = models.TextField()
    kind = models.CharField(max_length=20, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=200, blank=True)
    side = models.CharField(max_length=10, default="either")
    needed = models.TextField(blank=True)
    asked = models.CharField(max_length=150, blank=True)
    asked_on = models.DateField(null=True)
    due = models.DateField(null=True)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    retired = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.statement


class Verdict(models.Model):
    """What one analysis said of a hypothesis. It is written once: a later analysis adds another.

    `claim` is what was tested then; numbers are in `unit`, percentages from 0 to 100, `together` counts the
    hypotheses tested with it. Messages are encoded.
    """

    class Outcome(models.TextChoices):
        """How it stands after one analysis."""

        SUPPORTED = "supported", gettext_noop("supported")
        CONTRADICTED = "contradicted", gettext_noop("contradicted")
        NOT_SHOWN = "not_shown", gettext_noop("not shown")
        CANNOT_BE_TESTED = "cannot_be_tested", gettext_noop("cannot be tested")

    hypothesis = models.ForeignKey(Hypothesis, models.CASCADE, related_name="verdicts")
    made = models.DateTimeField()
    run_id = models.CharField(max_length=32)
    as_of = models.DateField(null=True)
    claim = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    evidence = models.CharField(max_length=20, blank=True)
    value = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    n = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=30, blank=True)
    p_adjusted = models.FloatField(null=True)
    could_show = models.FloatField(null=True)
    together = models.PositiveIntegerField(default=0)
    what = models.JSONField(null=True)
    reason = models.JSONField(null=True)
    sources = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=("hypothesis", "-made"), name="verdict_newest"),)

    def __str__(self) -> str:
        return f"{self.outcome} by {self.run_id}"

    def save(self, *args: Any, **options: Any) -> None:
        """Written once: a verdict that is there already is never changed."""
        if not self._state.adding:
            raise TypeError("a verdict is never changed: a later analysis adds another")
        super().save(*args, **options)


class OutsideSource(models.Model):
    """A study or record outside Harken that bears on a hypothesis, as it is cited."""

    hypothesis = models.ForeignKey(Hypothesis, models.CASCADE, related_name="outside_sources")
    citation = models.CharField(max_length=300)
    year = models.PositiveIntegerField()
    n = models.PositiveBigIntegerField(null=True)
    agrees = models.BooleanField()
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.citation} ({self.year})"


class Decision(models.Model):
    """Something that was decided, when and by whom."""

    text = models.TextField()
    decided = models.DateField()
    decided_by = models.CharField(max_length=150)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    hypotheses = models.ManyToManyField(Hypothesis, through="DecisionGround", related_name="decisions")

    def __str__(self) -> str:
        return self.text


class DecisionGround(models.Model):
    """A hypothesis that informed a decision, with the verdict as it stood then."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="grounds")
    hypothesis = models.ForeignKey(Hypothesis, models.CASCADE, related_name="grounds")
    verdict = models.ForeignKey(Verdict, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("decision", "hypothesis"), name="ground_once"),)

    def __str__(self) -> str:
        return f"{self.hypothesis_id} informed {self.decision_id}"
