"""Keeps the search index of customers that of the present data, beside the worker's tasks."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from harken.usecases.searching import keep_index
from harken.usecases.workspaces import open_workspace
from harken.vocabulary.errors import HarkenError

LOOK_EVERY_SECONDS = 3.0
log = logging.getLogger(__name__)


def refresh(root: Path) -> bool:
    """Build the index where data came or went since; whether it was built. Problems are left for later."""
    try:
        return keep_index(open_workspace(root), now_us=time.time_ns() // 1000)
    except HarkenError as error:  # another process builds it, or the settings cannot be read at this moment
        log.info("search index: %s", error)
    except Exception:
        log.exception("search index")
    return False


def keep_fresh(root: Path) -> threading.Thread:
    """Look again and again whether data came or went, in a thread that ends with the process."""

    def look() -> None:
        while True:
            refresh(root)
            time.sleep(LOOK_EVERY_SECONDS)

    thread = threading.Thread(target=look, name="search-index", daemon=True)
    thread.start()
    return thread
