"""A folder on the server: settings and reading."""

from harken.gateways.sources.folder.reading import fetch
from harken.gateways.sources.folder.settings import SECRETS, read_settings

__all__ = ["SECRETS", "fetch", "read_settings"]
