"""Formats numbers with units."""


def size(count: float) -> str:
    """Bytes in the largest fitting unit: `512 B`, `1.5 MiB`, `5.00 GiB`."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"
