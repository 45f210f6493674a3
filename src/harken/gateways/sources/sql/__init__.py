"""An SQL database, named by its URL: settings and reading."""

from harken.gateways.sources.sql.reading import fetch
from harken.gateways.sources.sql.settings import SECRETS, read_settings

__all__ = ["SECRETS", "fetch", "read_settings"]
