"""Charts as SVG and PNG, drawn without browser, network or fonts of the system."""

from __future__ import annotations

import html
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from harken.usecases.charts.drawings import Drawing
from harken.usecases.charts.specs import vega_lite
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop

PICTURE_KINDS = ("svg", "png", "vl.json")
PNG_SCALE = 2.0


def missing_extra() -> SettingsError:
    """What is said where the packages for pictures and reports are not installed."""
    return SettingsError(
        Message(gettext_noop("Pictures and reports need packages that are not installed.")),
        Message(gettext_noop("Install them with: {command}"), {"command": 'pip install "harken[reports]"'}),
    )


@lru_cache(maxsize=1)
def _converter() -> Any:
    """vl-convert with Harken's font. Raises SettingsError where the extra is missing."""
    try:
        import noto_cjk_sans_otc
        import vl_convert
    except ImportError:
        raise missing_extra() from None
    vl_convert.register_font_directory(str(Path(noto_cjk_sans_otc.FONT_PATH).parent))
    return vl_convert


def picture(drawing: Drawing, kind: str, *, dark: bool = False, framed: bool = True) -> bytes:
    """A chart as "svg", "png" (two pixels a point) or "vl.json" (its Vega-Lite spec).

    Raises SettingsError for a picture where the extra `reports` is not installed; the spec needs nothing.
    """
    spec = vega_lite(drawing, dark=dark, framed=framed)
    if kind == "vl.json":
        return json.dumps(spec, ensure_ascii=False, indent=1).encode()
    converter = _converter()
    if kind == "png":
        return bytes(converter.vegalite_to_png(spec, scale=PNG_SCALE, allowed_base_urls=[]))
    drawn: str = converter.vegalite_to_svg(spec, allowed_base_urls=[])
    words = html.escape(drawing.said or drawing.title, quote=True)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1).encode()
