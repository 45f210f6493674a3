"""`python -m docs.replications`: compute every study again and write `docs/replications/README.md`.

Studies whose data cannot be part of this repository keep their section as it was, unless the folder that
HARKEN_KNOWN_ANSWERS or HARKEN_REAL_DATA names holds them.
"""

from __future__ import annotations

import sys

from docs.replications.page import PAGE, written


def main() -> None:
    """Write the page and say which studies could not be computed here."""
    text, missing = written()
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"not computed here: {reason}\n" for reason in missing))


if __name__ == "__main__":
    main()
