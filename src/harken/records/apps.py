"""Django's entry for the records."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The one Django app of Harken."""

    name = "harken.records"
    label = "records"
