"""The web application: `granian --interface wsgi harken.web.wsgi:application` with HARKEN_WORKSPACE set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from harken.records import connect


def _application() -> Any:
    connect(Path(os.environ["HARKEN_WORKSPACE"]))
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from whitenoise import WhiteNoise

    # The prefix names the files' content, so a browser may keep them for ever and nothing has to be collected.
    return WhiteNoise(
        get_wsgi_application(),
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        immutable_file_test=lambda path, url: True,
    )


application = _application()
