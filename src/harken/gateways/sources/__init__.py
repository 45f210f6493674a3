"""Where data are fetched on a schedule: one folder for each kind, all of the same shape.

Each has `read_settings(values)`, which says everything that does not fit, `fetch(settings, visit, progress)`, which
writes files for the ordinary import, and `shown(values)`, the settings without their secrets.
"""
