"""Files that these tests did not make: those bundled with Blender, packed and rendered.

The table counts what was packed and rendered the same. For the matcaps and fonts, the test also
proves that each one affects the picture.

| | 4.2.23 | 4.5.15 | 5.0.1 | 5.2.3 |
|---|---|---|---|---|
| templates, each under another sky | 4 | 4 | 5 | 5 |
| skies | 8 | 8 | 8 | 8 |
| matcaps | 23 | 23 | 27 | 27 |
| fonts | 24 | 24 | 23 | 23 |
| node assets, in libraries | 27 in 2 | 27 in 2 | 65 in 4 | 83 in 6 |
| brushes that stay | no libraries | 129 | 131 | 133 |

In 5.2 the picture does not show Custom Effector and Custom Force, which output bundles only.
Debian's full Blender 5.2.2 ships the same files as bpy 5.2.3, byte for byte; its 4.3.2 ships no
assets.
"""

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from tests import own_assets, projects
from tests.packages import check_travels, members, relocated_blender

LOCAL = Path(bpy.utils.resource_path("LOCAL"))
DATA = LOCAL / "datafiles"
TEMPLATES = sorted(LOCAL.glob("scripts/startup/bl_app_templates_system/*/startup.blend"))
WORLDS = sorted(DATA.glob("studiolights/world/*.exr"))
MATCAPS = sorted(DATA.glob("studiolights/matcap/*.exr"))
FONTS = [path for path in sorted(DATA.glob("fonts/*.woff2")) if " CJK " not in path.name]
"""All bundled fonts except the CJK one, which takes Blender many seconds to read."""
ASSETS = sorted(DATA.glob("assets/**/*.blend"))
BRUSHES = [path for path in ASSETS if path.parent.name == "brushes"]
NODES = [path for path in ASSETS if path not in BRUSHES]

Record = Callable[[str, object], None]


def record(record_property: Record, manifest: Any, **what: Any) -> None:
    """Record in the test report what was packed: one line of the table."""
    names = members(manifest)
    line = {"Blender": bpy.app.version_string, **what, "bytes": manifest.bytes, "files": names}
    for key, value in line.items():
        record_property(key, value)
    print(line)


def libraries(blend: Path) -> list[str]:
    """The library paths stored in a .blend. Blender reports them since 5.0."""
    with bpy.data.libraries.load(str(blend)) as (found, _):
        return [each.filepath for each in getattr(found, "libraries", ())]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.parent.name)
def test_template_travels(template: Path, tmp_path: Path, record_property: Record) -> None:
    """A project from one of Blender's templates, under one of its skies; brushes are not packed."""
    sky = WORLDS[TEMPLATES.index(template) % len(WORLDS)]

    def case(root: Path) -> Path:
        bpy.ops.wm.open_mainfile(filepath=str(template))
        scene = bpy.context.scene
        projects.render_quickly(scene)
        scene.camera = scene.camera or next(o for o in scene.objects if o.type == "CAMERA")
        scene.world = own_assets.sky([sky])
        return projects.save(root / f"{template.parent.name}.blend", relative=False)

    manifest = check_travels(case, tmp_path)
    record(record_property, manifest, kind="template", name=template.parent.name)
    assert members(manifest) == [f"{template.parent.name}.blend", f"files/{sky.name}"]
    assert libraries(Path(manifest.files[0].source)) == []


def test_skies_travel(tmp_path: Path, record_property: Record) -> None:
    """Each sky fills its own stripe of the picture."""

    def case(root: Path) -> Path:
        scene = projects.new_scene()
        scene.camera.data.type = "PERSP"
        scene.camera.rotation_euler.x = 1.4
        scene.world = own_assets.sky(WORLDS)
        return projects.save(root / "shot.blend", relative=False)

    manifest = check_travels(case, tmp_path)
    record(record_property, manifest, kind="studio lights", name="world")
    assert members(manifest)[1:] == [f"files/{path.name}" for path in WORLDS]


def test_matcaps_travel(tmp_path: Path, record_property: Record) -> None:
    def case(root: Path) -> Path:
        projects.new_scene()
        images = [bpy.data.images.load(str(path)) for path in MATCAPS]
        own_assets.grid([projects.plane(projects.image_material(image)) for image in images])
        return projects.save(root / "shot.blend", relative=False)

    manifest = check_travels(case, tmp_path, visible=False)
    record(record_property, manifest, kind="studio lights", name="matcap")
    names = [path.name for path in MATCAPS]
    assert members(manifest)[1:] == [f"files/{name}" for name in names]
    assert unseen(names, names, tmp_path) == []


def test_fonts_travel(tmp_path: Path, record_property: Record) -> None:

    def case(root: Path) -> Path:
        projects.new_scene()
        made, _ = projects.material()
        texts = []
        for path in FONTS:
            curve = bpy.data.curves.new(path.stem, "FONT")
            curve.body, curve.font = string.digits, bpy.data.fonts.load(str(path))
            curve.size, curve.align_x = 0.3, "CENTER"
            curve.materials.append(made)
            texts.append(bpy.data.objects.new(path.stem, curve))
        own_assets.grid(texts)
        return projects.save(root / "shot.blend", relative=False)

    manifest = check_travels(case, tmp_path, visible=False)
    names = [path.name for path in FONTS]
    record(record_property, manifest, kind="fonts", name="fonts")
    assert members(manifest)[1:] == [f"files/{name}" for name in names]
    assert unseen(names, names, tmp_path) == []


@pytest.mark.parametrize("library", NODES, ids=lambda path: path.stem)
def test_node_assets_travel(library: Path, tmp_path: Path, record_property: Record) -> None:
    """Each asset of the library has its own square of the picture, which changes without it."""
    shown: list[str] = []

    def case(root: Path) -> Path:
        shown.extend(own_assets.show_all(library))
        return projects.save(root / "shot.blend", relative=False)

    manifest = check_travels(case, tmp_path, visible=False)
    assert f"files/{library.name}" in members(manifest)
    record(
        record_property,
        manifest,
        kind="assets",
        name=library.stem,
        assets=len(shown),
        unseen=unseen([library.name], shown, tmp_path),
    )


def unseen(files: list[str], shown: list[str], tmp_path: Path) -> list[str]:
    """The squares in `shown` that stay the same if the package lacks `files`.

    Another process renders because Blender 5.2 crashes if the compositor lacks its groups. A crash
    proves that the files are used.
    """
    package = tmp_path / "farm/some where else"
    for name in files:
        (package / "files" / name).unlink()
    without = package.rename(package.with_name("without"))
    try:
        relocated_blender().render(without / "shot.blend", tmp_path / "without.png")
    except AssertionError as crashed:
        assert "ended with code" in str(crashed), crashed
        return []
    lost = own_assets.changed(tmp_path / "home.png", tmp_path / "without.png", shown)
    assert lost
    return [name for name in shown if name not in lost]


@pytest.mark.skipif(not BRUSHES, reason="this Blender's brushes are in no library: since 4.3")
def test_brushes_stay(tmp_path: Path, record_property: Record) -> None:
    """No brush is packed, nor its textures, although the file keeps all of them."""
    count: list[int] = []

    def case(root: Path) -> Path:
        projects.new_scene()
        projects.show(projects.plane(projects.material()[0]))
        for library in BRUSHES:
            with bpy.data.libraries.load(str(library), link=True, assets_only=True) as (found, to):
                to.brushes = found.brushes
            for brush in to.brushes:
                brush.use_fake_user = True
        count.append(len(bpy.data.brushes))
        return projects.save(root / "shot.blend", relative=False)

    manifest = check_travels(case, tmp_path)
    record(record_property, manifest, kind="brushes", name="brushes", assets=count[0])
    assert members(manifest) == ["shot.blend"]
    assert libraries(Path(manifest.files[0].source)) == []
