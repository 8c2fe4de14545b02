"""Defines what is stored with a scene: `scene.renderjuice`, its overrides;
`scene.renderjuice_sent_without`, the missing files without which it is sent; and
`scene.renderjuice_ignored`, the warnings that are not shown.

Each override is a value and a switch `use_...`. The panel shows only enabled overrides; adding one
sets its value and its switch.
"""

# Blender's properties are calls in annotations, which type checkers do not support.
# mypy: disable-error-code="valid-type, attr-defined, func-returns-value, arg-type, return-value"

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)


def _items(*names: str) -> list[tuple[str, str, str, int]]:
    """Enum items from "IDENTIFIER Label" texts. Files store the number: append, never reorder."""
    pairs = [name.partition(" ") for name in names]
    return [
        (identifier, label or identifier, "", number)
        for number, (identifier, _, label) in enumerate(pairs)
    ]


def _switch(label: str) -> bpy.types.Property:
    return BoolProperty(
        name=f"Override {label}", description=f"Render with this {label} instead of the scene's"
    )


class RenderjuiceOverrides(bpy.types.PropertyGroup):
    """What the farm renders differently from what the scene says."""

    use_color_management_preset: _switch("color management")
    color_management_preset: EnumProperty(
        name="Color Management", items=_items("default Default", "aces ACES")
    )
    use_frames: _switch("frames")
    frames: StringProperty(
        name="Frames", description="Frames and ranges, such as 1-100, 120, 130-200x5"
    )
    use_notes: _switch("notes")
    notes: StringProperty(name="Note", description="A note to Renderjuice about this render")
    use_render_engine: _switch("engine")
    render_engine: EnumProperty(
        name="Render Engine", items=_items("CYCLES Cycles", "BLENDER_EEVEE EEVEE")
    )
    use_compositor_device: _switch("compositor device")
    compositor_device: EnumProperty(name="Compositor Device", items=_items("CPU", "GPU"))
    use_compute_device_type: _switch("GPU interface")
    compute_device_type: EnumProperty(
        name="GPU Interface", items=_items("CUDA", "OPTIX OptiX"), default="OPTIX"
    )
    use_gpu_count: _switch("number of GPUs")
    gpu_count: IntProperty(
        name="GPU Count", description="GPUs in each machine. More cost more", default=1, min=1
    )
    use_sample_count: _switch("sample count")
    sample_count: IntProperty(name="Samples", default=128, min=1, max=1 << 24)
    use_denoising: _switch("denoising")
    denoising: BoolProperty(name="Denoise", default=True)
    use_denoiser_type: _switch("denoiser")
    denoiser_type: EnumProperty(
        name="Denoiser", items=_items("OPTIX OptiX", "OPENIMAGEDENOISE OpenImageDenoise")
    )
    use_resolution: _switch("resolution")
    resolution: IntVectorProperty(name="Resolution", size=2, default=(1920, 1080), min=4, max=65536)
    use_resolution_percentage: _switch("resolution percentage")
    resolution_percentage: IntProperty(
        name="Resolution %", default=100, min=1, max=32767, soft_max=100, subtype="PERCENTAGE"
    )
    use_output_format: _switch("file format")
    output_format: EnumProperty(
        name="File Format", items=_items("PNG", "OPEN_EXR OpenEXR", "JPEG", "TIFF")
    )
    use_fps: _switch("frame rate")
    fps: FloatProperty(name="Frame Rate", default=24, min=1, max=32767)
    use_tiling: _switch("use of tiles")
    tiling: BoolProperty(name="Use Tiling", default=True)
    use_tile_size: _switch("tile size")
    tile_size: IntProperty(name="Tile Size", default=2048, min=8, max=8192, subtype="PIXEL")
    use_color_mode: _switch("color mode")
    color_mode: EnumProperty(name="Color Mode", items=_items("BW", "RGB", "RGBA"), default="RGBA")
    use_color_depth: _switch("color depth")
    color_depth: EnumProperty(name="Color Depth", items=_items("8", "16", "32"))
    use_exr_codec: _switch("EXR compression")
    exr_codec: EnumProperty(
        name="EXR Codec",
        items=_items("NONE None", "ZIP", "ZIPS", "PIZ", "PXR24", "RLE", "DWAA", "DWAB"),
        default="ZIP",
    )
    use_tiff_codec: _switch("TIFF compression")
    tiff_codec: EnumProperty(
        name="TIFF Compression",
        items=_items("NONE None", "DEFLATE Deflate", "LZW", "PACKBITS Pack Bits"),
        default="DEFLATE",
        translation_context="Renderjuice",
    )
    use_compression: _switch("PNG compression")
    compression: IntProperty(name="PNG Compression", default=15, min=0, max=100)
    use_quality: _switch("quality")
    quality: IntProperty(name="Quality", default=90, min=0, max=100)
    use_minimum_ram: _switch("memory")
    minimum_ram: IntProperty(
        name="Memory", description="Least memory of each machine, in GB", default=16, min=1
    )


class RenderjuiceSentWithout(bpy.types.PropertyGroup):
    """A missing file without which the scene is sent (sent_without.py)."""

    path: StringProperty(subtype="FILE_NAME")  # takes names that are no UTF-8


class RenderjuiceIgnored(bpy.types.PropertyGroup):
    """A warning or note that is ignored (ignored.py)."""

    check: StringProperty()
    about: StringProperty(subtype="FILE_NAME")
    title: StringProperty(subtype="FILE_NAME")
    """The name of a file or data-block, or a message."""


_CLASSES = (RenderjuiceOverrides, RenderjuiceSentWithout, RenderjuiceIgnored)


def register() -> None:
    """Add the properties to scenes."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.renderjuice = PointerProperty(type=RenderjuiceOverrides)
    bpy.types.Scene.renderjuice_sent_without = CollectionProperty(type=RenderjuiceSentWithout)
    bpy.types.Scene.renderjuice_ignored = CollectionProperty(type=RenderjuiceIgnored)


def unregister() -> None:
    """Remove the properties. Values stored in files are kept."""
    del bpy.types.Scene.renderjuice_ignored
    del bpy.types.Scene.renderjuice_sent_without
    del bpy.types.Scene.renderjuice
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
