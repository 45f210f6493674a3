"""Django's own commands, for the workspace in a folder."""

from __future__ import annotations

from pathlib import Path

from harken.records.connection import connect


def migrate(root: Path) -> tuple[str, ...]:
    """Bring the records' tables up to date; names of the migrations applied, none where they were."""
    connect(root)
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    return tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)


def tidy(root: Path) -> None:
    """Drop expired sessions and one-time tokens, and records of tasks that ended over 30 days ago."""
    connect(root)
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from harken.records.models import LoginToken

    call_command("clearsessions", verbosity=0)
    call_command("prune_db_task_results", verbosity=0, min_age_days=30)
    LoginToken.objects.filter(expires__lt=timezone.now() - timedelta(days=30)).delete()


def fail_abandoned_tasks(root: Path) -> int:
    """Mark tasks as failed that a worker was at when it died; only for whoever knows that no worker runs."""
    connect(root)
    from django_tasks_db.models import DBTaskResult

    abandoned = DBTaskResult.objects.running()
    for task in abandoned:
        task.set_failed(RuntimeError("the worker ended before the task did"))
    return len(abandoned)


def work(root: Path, *, until_empty: bool = False) -> None:
    """Run background tasks one after the other until stopped, or until none is left."""
    connect(root)
    from django.core.management import call_command

    call_command("db_worker", batch=until_empty, verbosity=0, startup_delay=False, reload=False)
