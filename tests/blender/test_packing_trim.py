"""Of a sequence, only the files that the job's frames read are packed, where this is proven.

The package renders the same pictures as the project at the first, the middle and the last frame of
the job, while all other files of the sequences are out of reach.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import needed, shown, trim, walk
from renderjuice.packing.manifest import Manifest
from renderjuice.packing.reference import Place

from tests import projects
from tests.catalogue import caches, vdb
from tests.packages import members, pack, relocated_blender, trace, unpack

JOB = (3, 5, 8)
"""The frames of the job."""


def images(folder: Path, count: int = 10) -> bpy.types.Image:
    """A sequence of images, each in a different color."""
    for number in range(1, count + 1):
        color = (number / count, 0.5, 1 - number / count)
        projects.picture(folder / f"flame_{number:04}.png", color, size=2)
    image = bpy.data.images.load(str(folder / "flame_0001.png"))
    image.source = "SEQUENCE"
    return image


def set_user(user: Any, **settings: Any) -> Any:
    user.frame_duration, user.frame_start, user.use_auto_refresh = 10, 1, True
    for name, value in settings.items():
        setattr(user, name, value)
    return user


def shine(image: bpy.types.Image, **settings: Any) -> bpy.types.Material:
    """A material that emits the frames of `image`."""
    made = projects.image_material(image)
    set_user(image_node(made.node_tree).image_user, **settings)
    return made


def image_node(tree: Any) -> Any:
    return next(node for node in tree.nodes if hasattr(node, "image_user"))


def show(*materials: bpy.types.Material) -> None:
    """Show a plane with each of the materials, side by side."""
    for place, material in enumerate(materials):
        plane = projects.show(projects.plane(material))
        plane.scale.x = 1 / len(materials)
        plane.location.x = (2 * place + 1) / len(materials) - 1


def check_renders(blend: Path, tmp_path: Path, frames: Sequence[int] = JOB) -> Manifest:
    """The package of a job of `frames`, which renders them as the project does."""
    at_home = [projects.render(blend, tmp_path / "home.png", frame=frame) for frame in frames]
    assert len({tuple(each) for each in at_home}) == len(frames)  # each frame differs
    manifest = trace(blend, tmp_path / "scratch", frames=list(frames))
    package = pack(manifest, tmp_path / "packages")
    (tmp_path / "home").rename(tmp_path / "gone")
    top = unpack(package, tmp_path / "farm" / "elsewhere")
    farm = relocated_blender()
    for frame, expected in zip(frames, at_home, strict=True):
        assert farm.render(top, tmp_path / "farm.png", frame=frame) == expected, frame
    return manifest


def numbers(manifest: Manifest, folder: str = "") -> list[int]:
    """The file numbers of the members in `folder` of the package."""
    paths = [Path(name) for name in members(manifest) if not name.endswith(".blend")]
    inside = [path for path in paths if path.parent.name == folder or not folder]
    return sorted(int(path.stem.rpartition("_")[2]) for path in inside)


USERS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "plain": ({}, [1, 3, 5, 8]),
    "offset": ({"frame_offset": 2}, [1, 5, 7, 10]),
    "later": ({"frame_start": 3, "frame_offset": 1}, [1, 2, 4, 7]),
    # before its start frame, an image user reads the file numbered by its offset
    "not yet": ({"frame_start": 5, "frame_offset": 1}, [1, 2, 5]),
    "cyclic": ({"frame_duration": 4, "use_cyclic": True}, [1, 3, 4]),
    "short": ({"frame_duration": 6}, [1, 3, 5, 6]),
    "not refreshed": ({"use_auto_refresh": False}, [1, 3, 5, 8]),
}
"""For each image folder: the settings of its image user, and the numbers that it reads."""


def test_images(tmp_path: Path) -> None:
    home = tmp_path / "home"
    library = projects.library(home / "lib/flame.blend", lambda: shine(images(home / "linked")))
    cameras = projects.library(home / "lib/camera.blend", lambda: with_background(home / "plate"))
    scene = projects.new_scene()
    projects.show(*projects.linked_by_name(cameras, "Plate", kind="objects"))
    made = [shine(images(home / name), **settings) for name, (settings, _) in USERS.items()]
    several = shine(images(home / "several"))
    image = image_node(several.node_tree).image
    same: Any = bpy.data.images.load(str(home / "several/flame_0002.png"))
    same.source = "SEQUENCE"
    show(
        *(*made, in_a_node_group(home / "group"), grey()),
        *(several, shine(image, frame_offset=1), shine(same, use_cyclic=True)),
        *projects.linked_by_name(library, "flame_0001.png", kind="materials"),
    )
    light_up(scene, home)
    manifest = check_renders(projects.save(home / "project/shot.blend"), tmp_path)
    read = {name: found for name, (_, found) in USERS.items()}
    read |= {name: [1, 3, 5, 8] for name in ("group", "linked", "world", "lamp")}
    read |= {"several": [1, 2, 3, 4, 5, 6, 8, 9], "plate": [1]}
    assert {name: numbers(manifest, name) for name in read} == read
    trimmed = {Path(each.path).parent.name: each for each in manifest.trimmed}
    assert {name: each.files - each.stay for name, each in trimmed.items()} == {
        name: len(found) for name, found in read.items()
    }
    one = trimmed["plain"]
    assert one.path == str(home / "plain/flame_####.png")
    size = (tmp_path / "gone/plain/flame_0002.png").stat().st_size
    assert 3 * size < one.bytes < 9 * size


def grey() -> bpy.types.Material:
    """A material that makes the light visible."""
    return bpy.data.materials.new("Grey")


def light_up(scene: bpy.types.Scene, home: Path) -> None:
    """Add a world and a lamp lit by sequences; the world is visible at the edge."""
    scene.camera.data.ortho_scale = 2.4
    world = bpy.data.worlds.new("World")
    lamp: Any = bpy.data.lights.new("Lamp", "AREA")
    world.use_nodes = lamp.use_nodes = True
    scene.world, lamp.energy = world, 100
    world.cycles.sampling_method = "NONE"  # building its importance map takes seconds
    projects.show(bpy.data.objects.new("Lamp", lamp)).location.z = 1
    for owner, kind, shader in (
        (world, "ShaderNodeTexEnvironment", "Background"),
        (lamp, "ShaderNodeTexImage", "Emission"),
    ):
        tree: Any = owner.node_tree
        node = tree.nodes.new(kind)
        node.image = images(home / owner.name.lower())
        set_user(node.image_user)
        tree.links.new(node.outputs[0], tree.nodes[shader].inputs[0])


def with_background(folder: Path) -> bpy.types.Object:
    """A camera with a background sequence for reference, which no render shows."""
    camera = bpy.data.cameras.new("Plate")
    camera.background_images.new().image = images(folder)
    return bpy.data.objects.new("Plate", camera)


def in_a_node_group(folder: Path) -> bpy.types.Material:
    made, emission = projects.material()
    group: Any = bpy.data.node_groups.new("Flame", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    node = group.nodes.new("ShaderNodeTexImage")
    node.image = images(folder)
    set_user(node.image_user)
    group.links.new(node.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    user = made.node_tree.nodes.new("ShaderNodeGroup")
    user.node_tree = group
    made.node_tree.links.new(user.outputs[0], emission.inputs[0])
    return made


def test_image_in_the_compositor(tmp_path: Path) -> None:
    scene = projects.new_scene()
    projects.show(projects.plane())
    node = projects.compositor(scene, "CompositorNodeImage")
    node.image = images(tmp_path / "home/tex")
    set_user(node, frame_offset=1)
    manifest = check_renders(projects.save(tmp_path / "home/shot.blend"), tmp_path)
    assert numbers(manifest) == [1, 4, 6, 9]


def test_volume(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    blend = caches.volume_sequence(folder)
    for number in range(1, 11):
        vdb.write(folder / f"vdb/smoke_{number:03}.vdb", 5, number / 10)
    bpy.data.volumes[0].frame_duration = 10
    manifest = check_renders(projects.save(blend), tmp_path)
    assert numbers(manifest) == [1, 3, 5, 8]


def test_alembic(tmp_path: Path) -> None:
    folder = tmp_path / "home/caches"
    blend = caches.alembic_sequence(tmp_path / "home")
    plane = bpy.data.objects["Plane"]
    plane.modifiers.clear()
    for number in range(1, 11):
        plane.data.vertices[0].co.x = -number / 10
        bpy.context.view_layer.update()
        path = folder / f"c_{number:02}.abc"
        bpy.ops.wm.alembic_export(filepath=str(path), start=1, end=1, as_background_job=False)
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    bpy.data.cache_files[0].filepath = str(folder / "c_01.abc")
    manifest = check_renders(projects.save(blend), tmp_path)
    assert numbers(manifest) == [1, 3, 5, 8]


def test_movie_clip(tmp_path: Path) -> None:
    scene = projects.new_scene()
    image = images(tmp_path / "home/plate")
    clip: Any = bpy.data.movieclips.load(image.filepath)
    bpy.data.images.remove(image)
    clip.frame_start, clip.frame_offset = 2, 3
    projects.show(projects.plane())
    projects.compositor(scene, "CompositorNodeMovieClip").clip = clip
    manifest = check_renders(projects.save(tmp_path / "home/shot.blend"), tmp_path)
    assert numbers(manifest) == [1, 4, 5, 7, 10]  # 1 is needed for its size


def strip_of(folder: Path, scene: Any, channel: int, count: int = 10) -> Any:
    """An image strip of a sequence that starts at frame 2, scaled by 1 / `channel`."""
    bpy.data.images.remove(images(folder, count))
    paths = sorted(folder.iterdir())
    strips = projects.strips(scene.sequence_editor_create())
    strip = strips.new_image(folder.name, str(paths[0]), channel=channel, frame_start=2)
    for path in paths[1:]:
        strip.elements.append(path.name)
    strip.transform.scale_x = strip.transform.scale_y = 1 / channel
    return strip


def test_strips(tmp_path: Path) -> None:
    scene: Any = projects.new_scene()
    strip_of(tmp_path / "home/plain", scene, 1)
    strip_of(tmp_path / "home/short", scene, 2, count=4)
    ends = strip_of(tmp_path / "home/trimmed", scene, 3)
    ends.frame_offset_start, ends.frame_offset_end = 2, 3  # visible from frame 4 to 8
    manifest = check_renders(projects.save(tmp_path / "home/project/shot.blend"), tmp_path)
    read = {"plain": [1, 2, 4, 7], "short": [1, 2, 4], "trimmed": [1, 2, 4, 7]}
    assert {name: numbers(manifest, name) for name in read} == read
    assert {Path(each.path).name for each in manifest.trimmed} == {"flame_####.png"}


def play_backwards(strip: Any) -> None:
    strip.use_reverse_frames = True


def strobe(strip: Any) -> None:
    strip.strobe = 3


def hold_the_start(strip: Any) -> None:
    strip.animation_offset_start = 2


def move_by_keys(strip: Any) -> None:
    strip.keyframe_insert("strobe", frame=1)


def put_into_a_meta_strip(strip: Any) -> None:
    strips = projects.strips(bpy.context.scene.sequence_editor)
    strip.move_to_meta(strips.new_meta("Meta", channel=5, frame_start=1))


def change_speed(strip: Any) -> None:
    strips = projects.strips(bpy.context.scene.sequence_editor)
    more = {"input1" if bpy.app.version >= (4, 5) else "seq1": strip}
    end = {"length": 10} if bpy.app.version >= (5, 0) else {"frame_end": 12}
    strips.new_effect("Speed", "SPEED", channel=6, frame_start=2, **end, **more)


@pytest.mark.parametrize(
    "change",
    [
        *(play_backwards, strobe, hold_the_start, move_by_keys, put_into_a_meta_strip),
        change_speed,
    ],
    ids=lambda change: change.__name__,
)
def test_strip_with_a_time_of_its_own_travels_whole(
    change: Callable[[Any], None], tmp_path: Path
) -> None:
    strip = strip_of(tmp_path / "tex", projects.new_scene(), 1)
    projects.save(tmp_path / "shot.blend")
    assert left() == {"tex"}
    change(strip)
    assert left() == set()


def test_missing_file_of_a_strip_is_named_where_a_frame_reads_it(tmp_path: Path) -> None:
    strip_of(tmp_path / "tex", projects.new_scene(), 1)
    blend = projects.save(tmp_path / "shot.blend")
    gone = tmp_path / "tex/flame_0005.png"
    gone.unlink()
    assert trace(blend, tmp_path / "a", frames=[3, 9]).missing == ()
    (missing,) = trace(blend, tmp_path / "b", frames=[3, 6]).missing
    assert missing.path == str(gone)


def left(frames: Sequence[int] = JOB) -> set[str]:
    """The folders of the sequences of which the open file leaves out files."""
    scene: Any = bpy.context.scene
    ids = needed.reachable(scene, bpy.data)
    folder = str(Path(bpy.data.filepath).parent)
    place = Place(folder, bpy.data.filepath, bpy.app.version)
    found = [(id, reference) for id in ids for reference in walk.references(id, place)]
    return {Path(each.path).parent.name for each in trim.trim(found, ids, bpy.data, frames)}


def one_image(folder: Path) -> Any:
    """Save a scene with one sequence in a material and return its image node."""
    projects.new_scene()
    made = shine(images(folder / "tex"))
    show(made)
    projects.save(folder / "shot.blend")
    assert left() == {"tex"}
    return image_node(made.node_tree)


def key(node: Any) -> None:
    node.image_user.keyframe_insert("frame_offset", frame=1)


def drive(node: Any) -> None:
    node.image_user.driver_add("frame_offset")


def key_in_a_track(node: Any) -> None:
    key(node)
    data = node.id_data.animation_data
    data.nla_tracks.new().strips.new("Strip", 1, data.action)
    data.action = None


def fill(node: Any) -> None:
    made = bpy.data.materials.new("Paper")
    bpy.data.materials.create_gpencil_data(made)
    made.grease_pencil.fill_image = node.image
    bpy.data.objects["Plane"].data.materials.append(made)


def displace(node: Any) -> None:
    texture: Any = bpy.data.textures.new("Flame", "IMAGE")
    texture.image = node.image
    bpy.data.objects["Plane"].modifiers.new("Displace", "DISPLACE").texture = texture


def geometry_nodes(node: Any) -> None:
    projects.displace_by_image(bpy.data.objects["Plane"], node.image)


def custom_property(node: Any) -> None:
    bpy.data.objects["Plane"]["image"] = node.image


def add_scene_strip(node: Any) -> None:
    other = bpy.data.scenes.new("Edit")
    strips = projects.strips(bpy.context.scene.sequence_editor_create())
    strips.new_scene("Scene", other, channel=1, frame_start=1)


def slow_down(node: Any) -> None:
    bpy.context.scene.render.frame_map_new = 200


def choose_workbench(node: Any) -> None:
    bpy.context.scene.render.engine = "BLENDER_WORKBENCH"


@pytest.mark.parametrize(
    "change",
    [
        *(key, drive, key_in_a_track, fill, displace, geometry_nodes, custom_property),
        *(add_scene_strip, slow_down, choose_workbench),
    ],
    ids=lambda change: change.__name__,
)
def test_what_is_not_proven_travels_whole(change: Callable[[Any], None], tmp_path: Path) -> None:
    change(one_image(tmp_path))
    assert left() == set()


def test_where_the_frames_are_not_known_all_travels(tmp_path: Path) -> None:
    one_image(tmp_path)
    assert left(()) == set()


def test_motion_blur_reads_the_neighbours(tmp_path: Path) -> None:
    projects.new_scene()
    show(shine(images(tmp_path / "tex")))
    blend = projects.save(tmp_path / "shot.blend")
    bpy.context.scene.render.use_motion_blur = True
    bpy.context.scene.render.motion_blur_shutter = 1.5
    projects.save(blend)
    assert numbers(trace(blend, tmp_path / "scratch", frames=[5])) == [1, 3, 4, 5, 6, 7]


def test_rule_of_image_users_is_that_of_blender(tmp_path: Path) -> None:
    draw = random.Random(4)
    scene = projects.new_scene()
    image = images(tmp_path / "tex", count=1)
    made = [
        shine(
            image,
            frame_offset=draw.randint(-5, 12),
            frame_start=draw.randint(-9, 20),
            frame_duration=draw.choice((0, 1, 2, 3, 7, 50)),
            use_cyclic=draw.random() < 0.5,
        )
        for _ in range(60)
    ]
    plane = projects.show(projects.plane())
    for material in made:
        plane.data.materials.append(material)
    rules = [next(shown.uses(material)).rule for material in made]
    for frame in [-30, -1, *range(12), 19, 20, 21, 300]:
        scene.frame_set(frame)
        graph = bpy.context.evaluated_depsgraph_get()
        trees = [material.evaluated_get(graph).node_tree for material in made]
        counted = [[image_node(tree).image_user.frame_current] for tree in trees]
        assert [list(rule(frame)) for rule in rules] == counted, frame
