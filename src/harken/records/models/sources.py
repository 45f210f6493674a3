"""Sources that are read on a schedule, and what each reading brought."""

from __future__ import annotations

from django.db import models

from harken.vocabulary.messages import gettext_noop


class ScheduledSource(models.Model):
    """What is read, how often, and what the next reading must know of the last one.

    `settings` are the fields of its kind as they were written, secrets included: no page or command shows them.
    `since` and `columns` are what the last good reading left; `tried` is when the last one began, `heard` when one
    last brought something new, `failures` how many failed in a row since.
    """

    class Kind(models.TextChoices):
        """Where it lies."""

        FOLDER = "folder", gettext_noop("folder")
        SQL = "sql", gettext_noop("database")
        WEB = "web", gettext_noop("web address")

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    settings = models.JSONField(default=dict)
    mapping = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=10, default="days")
    every = models.PositiveIntegerField(default=1)
    at = models.CharField(max_length=5, default="06:00")
    limit_hours = models.PositiveIntegerField(default=48)
    active = models.BooleanField(default=True)
    created = models.DateTimeField()
    created_by = models.ForeignKey("records.User", models.SET_NULL, null=True, related_name="+")
    since = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    tried = models.DateTimeField(null=True)
    heard = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(null=True)
    problem = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.name


class SourceReading(models.Model):
    """One reading of a source: when, how it ended, what it brought, what was wrong and what had changed.

    `problem` and `changes` are encoded messages; `import_id` is None where nothing was new.
    """

    class State(models.TextChoices):
        """How it ended."""

        RUNNING = "running", gettext_noop("under way")
        DONE = "done", gettext_noop("imported")
        UNCHANGED = "unchanged", gettext_noop("nothing new")
        FAILED = "failed", gettext_noop("failed")
        CANCELLED = "cancelled", gettext_noop("cancelled")

    source = models.ForeignKey(ScheduledSource, models.CASCADE, related_name="readings")
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    rows = models.PositiveBigIntegerField(default=0)
    import_id = models.BigIntegerField(null=True)
    problem = models.JSONField(null=True)
    changes = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    files = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=["source", "-started"], name="reading_newest"),)

    def __str__(self) -> str:
        return f"{self.source_id} at {self.started:%Y-%m-%d %H:%M}: {self.state}"
