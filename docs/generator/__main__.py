"""`python -m docs.generator` writes the generated pages and removes explanations of measures that are gone."""

from __future__ import annotations

import sys

from docs.generator.explanations import FOLDER
from docs.generator.pages import DOCS, pages


def main() -> None:
    """Write every page that changed."""
    made = pages()
    for path, text in made.items():
        target = DOCS / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{path}\n")
    for stale in (DOCS / FOLDER).rglob("*.md"):
        if stale.relative_to(DOCS).as_posix() not in made:
            stale.unlink()


if __name__ == "__main__":
    main()
