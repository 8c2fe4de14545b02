"""Explains why the worker cannot start: a package is missing or has the wrong version.

All extensions of a Blender share one site-packages folder, which contains the highest version of
each package that any of them includes. This module imports the standard library only.
"""

from pathlib import Path

AGAIN = "Install the extension again."


def why(error: BaseException, root: Path, site_packages: str) -> str:
    """Explain an error of the imports in a sentence. `root` is the extension's folder."""
    if found := _from_another(root, Path(site_packages)) if site_packages else "":
        return found
    if isinstance(error, ImportError):
        return f"{error.name or error} is missing or does not fit this Python. {AGAIN}"
    return f"A Python package does not work ({type(error).__name__}: {_line(error)}). {AGAIN}"


def _from_another(root: Path, site_packages: Path) -> str:
    """A sentence that names a package installed by another extension; "" if there is none."""
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
