"""Checks the requested GPU interface (CUDA or OptiX). No bpy."""

from collections.abc import Iterator

from .config import Requested
from .engines import CYCLES

USE_OPTIX = "renderjuice.use_optix"
"""The operator that overrides the interface."""


def findings(requested: Requested, *, osl: bool) -> Iterator[tuple[str, str]]:
    """Ids and messages of checks. `osl`: the scene uses Open Shading Language."""
    if requested.applied["renderEngine"] != CYCLES:
        return
    device = requested.config.get("computeDeviceType")
    if device == "CUDA" and requested.sources["computeDeviceType"] == "scene":
        yield (
            "cuda-preferred",
            "The farm is asked for CUDA, because this computer prefers it. On the farm's cards"
            " OptiX needs about two thirds of the time, which is what you pay for.",
        )
    if osl and device != "OPTIX":
        yield (
            "osl-without-optix",
            "The scene uses Open Shading Language, which renders on the CPU and with OptiX only."
            " The farm renders with GPUs: ask it for OptiX.",
        )
