"""Files that this Blender writes, in all formats, depths and codecs: the integrity check accepts
complete files and rejects truncated ones.
"""

import os
import random
from itertools import product

import pytest
from renderjuice.frames import integrity

bpy = pytest.importorskip("bpy", reason="there is no bpy in this Python")

CODECS = {
    "OPEN_EXR": "exr_codec",
    "OPEN_EXR_MULTILAYER": "exr_codec",
    "TIFF": "tiff_codec",
    "JPEG2000": "jpeg2k_codec",
}
VIDEO_CODECS = {
    "MPEG4": ("H264", "MPEG4"),
    "QUICKTIME": ("H264", "QTRLE"),
    "MKV": ("H264", "FFV1"),
    "WEBM": ("WEBM",),
    "AVI": ("MPEG4", "HUFFYUV"),
    "OGG": ("THEORA",),
    "FLASH": ("FLV",),
    "MPEG1": ("MPEG1",),
    "MPEG2": ("MPEG2",),
    "DV": ("DV",),
}


@pytest.fixture(scope="module", autouse=True)
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_percentage = 100
    return scene


def choices(owner, name):
    return [item.identifier for item in owner.bl_rna.properties[name].enum_items]


def offered(owner, **values):
    """Set the values and return whether this Blender offers all of them."""
    for name, value in values.items():
        if name == "media_type" and not hasattr(owner, name):  # before 5.0
            continue
        try:
            setattr(owner, name, value)
        except TypeError:
            return False
    return True


def pictures(scene, folder, width, height):
    """A picture, half of it noise, in every format except video and multilayer formats."""
    random.seed(1)
    pixels = width * height * 4
    image = bpy.data.images.new("noise", width, height, alpha=True, float_buffer=True)
    image.pixels = [
        random.random() if i // 4 % width < width / 2 else i / pixels for i in range(pixels)
    ]
    settings = scene.render.image_settings
    assert offered(settings, media_type="IMAGE")
    for kind in choices(settings, "file_format"):
        if kind in ("FFMPEG", "OPEN_EXR_MULTILAYER") or not offered(settings, file_format=kind):
            continue
        codec = CODECS.get(kind)
        for depth, mode, packed in product(
            choices(settings, "color_depth"),
            choices(settings, "color_mode"),
            choices(settings, codec) if codec else [""],
        ):
            values = {
                "color_depth": depth,
                "color_mode": mode,
                **({codec: packed} if codec else {}),
            }
            if not offered(settings, **values):
                continue
            name = f"{kind}-{depth}-{mode}-{packed}{scene.render.file_extension}"
            try:
                image.save_render(str(folder / name), scene=scene)
            except RuntimeError:  # Blender offers some combinations that it then refuses to write
                (folder / name).unlink(missing_ok=True)
    bpy.data.images.remove(image)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def small(scene, tmp_path_factory):
    return pictures(scene, tmp_path_factory.mktemp("small"), 8, 5)


@pytest.fixture(scope="module")
def large(scene, tmp_path_factory):
    return pictures(scene, tmp_path_factory.mktemp("large"), 300, 90)


@pytest.fixture(scope="module")
def layered(scene, tmp_path_factory):
    """Multilayer renders, mono and stereo, in each codec."""
    folder = tmp_path_factory.mktemp("layered")
    render, settings = scene.render, scene.render.image_settings
    render.resolution_x, render.resolution_y = 40, 30
    scene.view_layers[0].use_pass_z = True
    scene.view_layers.new("second")
    for eyes, codec in product((False, True), choices(settings, "exr_codec")):
        offered(settings, media_type="MULTI_LAYER_IMAGE")
        assert offered(settings, file_format="OPEN_EXR_MULTILAYER")
        if not offered(settings, exr_codec=codec):
            continue
        render.use_multiview = eyes
        if eyes:
            settings.views_format = "MULTIVIEW"
        render.filepath = str(folder / f"{codec}-{eyes}.exr")
        bpy.ops.render.render(write_still=True)
    render.use_multiview = False
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def movies(scene, tmp_path_factory):
    """Three-frame videos in every container for which this Blender has codecs."""
    folder = tmp_path_factory.mktemp("movies")
    render = scene.render
    render.resolution_x, render.resolution_y = 160, 96
    scene.frame_start, scene.frame_end = 1, 3
    settings = render.image_settings
    assert offered(settings, media_type="VIDEO", file_format="FFMPEG")
    for container in choices(render.ffmpeg, "format"):
        if container == "DV":
            render.resolution_x, render.resolution_y = 720, 576
        for codec in VIDEO_CODECS[container]:
            if not offered(render.ffmpeg, format=container, codec=codec):
                continue
            render.filepath = str(folder / f"{container}-{codec}-")
            try:
                bpy.ops.render.render(animation=True)
            except RuntimeError:
                continue
        render.resolution_x, render.resolution_y = 160, 96
    return [path for path in sorted(folder.iterdir()) if path.stat().st_size]


def judged(path, data):
    path.write_bytes(data)
    return integrity.broken(path, path.suffix)


def unnoticed(paths, tmp_path, lengths):
    """Files whose truncation is not detected, with the truncated length in bytes."""
    found = []
    for path in paths:
        data = path.read_bytes()
        cut = tmp_path / f"cut{path.suffix}"
        cut.write_bytes(data)
        for length in sorted(lengths(len(data)), reverse=True):
            os.truncate(cut, length)
            if not integrity.broken(cut, cut.suffix):
                found.append((path, length))
    return found


def interesting(size):
    """Lengths to truncate to: every sixteenth of the file, and each of its last 40 bytes."""
    return sorted({*(size * i // 16 for i in range(16)), *range(max(size - 40, 0), size)})


def test_what_blender_writes_is_whole(small, large, layered, movies):
    files = [*small, *large, *layered, *movies]
    assert {path.name: integrity.broken(path, path.suffix) for path in files} == dict.fromkeys(
        [path.name for path in files]
    )
    suffixes = {path.suffix for path in files}
    assert {".png", ".jpg", ".exr", ".tif", ".webp", ".hdr", ".tga", ".bmp", ".rgb"} <= suffixes
    assert {".jp2", ".j2c", ".dpx", ".cin"} <= suffixes or ".dpx" not in suffixes
    assert {".mp4", ".mkv", ".mov", ".avi"} <= suffixes


def test_any_cut_of_a_format_that_ends_itself_is_seen(small, tmp_path):
    files = [path for path in small if integrity.is_self_delimiting(path.suffix)]
    assert len({path.suffix for path in files}) >= 8
    assert unnoticed(files, tmp_path, range) == []


def test_cuts_are_seen(large, layered, tmp_path):
    files = [path for path in (*large, *layered) if path.suffix != ".tga"]
    assert unnoticed(files, tmp_path, interesting) == []


def test_a_targa_may_lack_its_footer_and_nothing_else(small, tmp_path):
    files = [path for path in small if path.suffix == ".tga"]
    whole = unnoticed(files, tmp_path, range)
    assert len(whole) == len({path for path, _ in whole}), "one length that ends with the pixels"
    for path, length in whole:
        behind = path.read_bytes()[length:]
        assert behind.endswith(b"TRUEVISION-XFILE.\0")
        assert len(behind) in (26, 26 + 495), "a footer, and the area before it"


def test_a_cut_video_is_seen(movies, tmp_path):
    packets = {path for path in movies if path.suffix in (".mpg", ".dvd")}
    assert unnoticed([path for path in movies if path not in packets], tmp_path, interesting) == []
    for path, length in unnoticed(sorted(packets), tmp_path, range):
        rest = path.read_bytes()[length:]
        assert rest.startswith(b"\0\0\1"), "what is cut off are whole packets"


def test_a_picture_under_another_format_s_name_is_what_it_is(small, tmp_path):
    """With *File Extensions* off, Blender writes a PNG into `shot_####.exr`."""
    png = next(path for path in small if path.suffix == ".png").read_bytes()
    assert judged(tmp_path / "shot_0001.exr", png) is None
    assert judged(tmp_path / "shot_0001.exr", png[:-1])
    assert judged(tmp_path / "shot_0001.mp4", png)
