"""Draws curves for docs/performance.md: log-log, with a dotted line for linear growth.

The same curves give the same bytes on any machine at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.figures import ROOT, Curve, span

IMAGES = ROOT / "docs" / "images"
LINES = (
    ("#0072b2", "o"),
    ("#d55e00", "s"),
    ("#009e73", "^"),
    ("#cc79a7", "D"),
    ("#8a6d00", "v"),
    ("#444444", "x"),
)
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # keep text as text
    "svg.hashsalt": "renderjuice",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#777777",
}


def pictures(curves: Sequence[Curve], folder: Path = IMAGES) -> str:
    """Draw every plot that the curves name, and return the Markdown that shows them."""
    shown = []
    for name in dict.fromkeys(curve.plot for curve in curves):
        together = [curve for curve in curves if curve.plot == name]
        file = f"performance-growth-{name}.svg"
        draw(together, folder / file)
        says = f"{together[0].axis} against {' and '.join(kinds(together))}, log-log"
        shown.append(f"![{says}]({IMAGES.name}/{file})")
    return "\n\n".join(shown)


def kinds(curves: Iterable[Curve]) -> list[str]:
    """Return the names of the x axes."""
    return list(dict.fromkeys(curve.against for curve in curves))


def label(curve: Curve) -> str:
    """Return a line's label: its name, its exponent, and whether that meets the limit."""
    met = "" if curve.met else f", MISSED: at most {curve.most:g}"
    return f"{curve.what}: {curve.exponent:z.2f}{met}"


def draw(curves: Sequence[Curve], path: Path) -> None:
    """Draw one plot as SVG on white, so that it is also readable on a dark page."""
    import matplotlib as mpl  # the other figures do not need it
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.0, 3.0 + 0.2 * len(curves)), layout="constrained")
        parts = kinds(curves)
        every: Any = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
        up = [cost for curve in curves for _, cost in curve.points]
        low, high = min(*up, max(up) / 30) / 1.7, max(up) * 1.7  # noise must not fill a plot
        lines = dict(zip((curve.what for curve in curves), cycle(LINES), strict=False))
        for axes, against in zip(every, parts, strict=True):
            some = [curve for curve in curves if curve.against == against]
            _axes(axes, some, low, lines)
        every[0].set_ylim(low, high)
        every[0].set_ylabel(curves[0].axis)
        if curves[0].unit == "s":
            every[0].yaxis.set_major_formatter(lambda value, _: span(value))
        named = {one.get_label(): one for axes in every for one in axes.get_lines()}
        linear = named.pop("linear: 1")
        figure.legend(handles=[*named.values(), linear], loc="outside lower center", frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _axes(
    axes: Any, curves: Sequence[Curve], low: float, lines: dict[str, tuple[str, str]]
) -> None:
    """Draw the curves that share one x axis."""
    from matplotlib.ticker import NullFormatter

    for curve in curves:
        color, mark = lines[curve.what]
        across, up = zip(*curve.points, strict=True)
        axes.plot(across, up, color=color, marker=mark, ms=4.5, lw=1.5, label=label(curve))
    ends = [number for curve in curves for number, _ in curve.points]
    left, right = min(ends), max(ends)
    linear = [low * 1.2, low * 1.2 * right / left]
    axes.plot([left, right], linear, ":", color="#777777", lw=1.3, label="linear: 1")
    axes.set(xscale="log", yscale="log", xlim=(left / 1.25, right * 1.25), xlabel=curves[0].against)
    axes.grid(visible=True, which="major", color="#e4e4e4", lw=0.7)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,g}")
        axis.set_minor_formatter(NullFormatter())
