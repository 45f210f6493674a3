"""Files at web addresses: settings and reading."""

from harken.gateways.sources.web.reading import fetch
from harken.gateways.sources.web.settings import SECRETS, read_settings

__all__ = ["SECRETS", "fetch", "read_settings"]
