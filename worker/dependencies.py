"""Why the worker cannot begin: a package that it needs is missing, or is not the one in our zip.

All extensions of a Blender share one folder of packages, and of each package the highest version
is in it, whoever brought it. Imports nothing but what every Python has.
"""

from pathlib import Path

AGAIN = "Install the extension again."


def why(error: BaseException, root: Path, site_packages: str) -> str:
    """A sentence for the artist. `root` is the extension's folder."""
    if found := _from_another(root, Path(site_packages)) if site_packages else "":
        return found
    if isinstance(error, ImportError):
        return f"{error.name or error} is missing or does not fit this Python. {AGAIN}"
    return f"A Python package does not work ({type(error).__name__}: {_line(error)}). {AGAIN}"


def _from_another(root: Path, site_packages: Path) -> str:
    """Which package is another extension's, and what to do; "" where none is."""
    for wheel in sorted((root / "wheels").glob("*.whl")):
        name, ours = wheel.name.split("-")[:2]
        for installed in site_packages.glob(f"{name}-*.dist-info"):
            version = installed.name.removesuffix(".dist-info").partition("-")[2]
            brought = (root.parents[1]).glob(f"*/*/wheels/{name}-{version}-*.whl")
            others = sorted({path.parents[1].name for path in brought} - {root.name})
            if version != ours and others:
                return (
                    f"The extension {', '.join(others)} has brought {name} {version}, which does "
                    f"not fit ({ours} does). Switch that extension off, or update Renderjuice, and "
                    "start Blender again."
                )
    return ""


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200]
