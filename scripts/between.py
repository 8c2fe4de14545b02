"""Replaces the generated part of a page, between two marks."""

from __future__ import annotations


def replaced(page: str, begin: str, end: str, text: str) -> str:
    """Return the page with `text` between its marks. Raises SystemExit if a mark is missing."""
    before, opened, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise SystemExit(f"The page has no {begin.strip()} and {end.strip()}")
    return f"{before}{begin}{text}{end}{after}"
