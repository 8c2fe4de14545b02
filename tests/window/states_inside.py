"""Runs inside Blender: puts the panel into any of its states, for tests/window/states.py.

The panel is the real one; the jobs and the results of the file check are made up. Call `begin` with
the .blend to save and the ids of four jobs, then `show` with the name of a state.
"""

# mypy: ignore-errors

import os
import time
from dataclasses import replace

import bpy
from bl_ext.user_default.renderjuice.jobs import snapshot, worker_events
from bl_ext.user_default.renderjuice.jobs.record import Problem, Stage
from bl_ext.user_default.renderjuice.packing import findings, manifest
from bl_ext.user_default.renderjuice.session import job_list, scan
from bl_ext.user_default.renderjuice.session.state import KeyTest, state
from bl_ext.user_default.renderjuice.worker import problems

LiveProgress, FrameCounts = snapshot.LiveProgress, snapshot.FrameCounts
system = bpy.context.preferences.system
jobs = dict.fromkeys(("shot_010", "shot_010_test", "shot_009", "shot_008_v2"))
files = manifest.FilesByKind(
    12, 50541363, (manifest.Kind("blend", 1, 2097152), manifest.Kind("image", 11, 48444211))
)


def begin(blend, *ids):
    scene = bpy.context.scene
    scene.frame_end, scene.frame_current = 240, 120
    scene.cycles.samples = 256
    scene.render.resolution_x, scene.render.resolution_y = 1920, 1080
    scene.camera.name = "Cam_Front"
    bpy.ops.mesh.primitive_plane_add()
    bpy.context.object.name = "Flag"
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    day = time.time() - 86400
    for weeks, (name, one) in enumerate(zip(jobs, ids, strict=True)):
        history = ((Stage.FINISHED, day - 86400 * 7 * max(0, weeks - 2)),)
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(day - 86400 * weeks))
        job = replace(state.jobs[one], blend=blend, created_at=created, history=history)
        jobs[name] = job
    bpy.context.preferences.view.use_translate_interface = True
    bpy.context.preferences.view.language = "en_US"


def show(name):
    reset()
    STATES[name]()


def reset():
    scene = bpy.context.scene
    os.environ["RENDERJUICE_API_KEY"] = "RJ-1"
    state.has_key, state.key_test = True, KeyTest()
    system.use_online_access = True
    own, group, image = scene.renderjuice_next, scene.renderjuice, scene.render.image_settings
    own.mode, own.which, own.title, own.output = "ANIMATION", "ENDS", "", ""
    for name in dir(group):
        if name.startswith("use_"):
            setattr(group, name, False)
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format = "PNG"
    flag = bpy.data.objects.get("Flag")
    if flag:
        flag.modifiers.clear()
    state.jobs.clear()
    for name in ("shot_008_v2", "shot_009"):
        state.keep(jobs[name])
    found(files)
    select(-1)


def found(files, *checks):
    # The result of a pressed Check.
    one = scan._of(bpy.context.scene)
    scan.refresh(bpy.context.scene)
    one.on_disk, one.pressed, one.started = [], one.seen, "15:26"
    one.folder = "made up"
    one.result = worker_events.ScanResult("made up", checks=tuple(checks), files=files)


def not_checked():
    one = scan._of(bpy.context.scene)
    one.folder, one.result, one.pressed = "", None, None


def select(index):
    job_list.update()
    bpy.context.window_manager.renderjuice_job = index


def job(stage, begun=600, **more):
    # A job of the open file in this stage, with its upload `begun` seconds ago.
    now = time.time()
    history = ((Stage.SAVING, now - begun - 12), (Stage.UPLOADING, now - begun), (stage, now))
    more = {"frames": FrameCounts(240), "status": "", **more}
    made = replace(jobs["shot_010"], stage=stage, history=history, **more)
    state.keep(made)
    scan.refresh(bpy.context.scene)  # the name and folder of the next job
    one = scan._of(bpy.context.scene)
    one.pressed = one.seen
    select(0)
    return made


def no_key():
    os.environ.pop("RENDERJUICE_API_KEY")
    state.has_key = None
    state.jobs.clear()
    select(-1)
    not_checked()


MAPS = ("basecolor", "normal", "roughness", "height")


def broken():
    image = bpy.context.scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"
    bpy.data.objects["Flag"].modifiers.new("Cloth", "CLOTH")
    found(
        None,
        *(missing(f"//textures/wood_{name}.png", f"the image “wood_{name}.png”") for name in MAPS),
        missing("//hdri/kloofendal_48d_partly_cloudy_4k.exr", "the image “kloofendal_48d.exr”"),
    )


def mode(name):
    bpy.context.scene.renderjuice_next.mode = name
    found(files)


def offline():
    rendering()
    system.use_online_access = False
    found(files)


def first_run():
    no_key()
    system.use_online_access = False


def out_of_date():
    found(files, missing("//textures/wood_basecolor.png", "the image “wood_basecolor.png”"))
    state.edits += 1
    scan._check_settings(bpy.context.scene)


def only_scene():
    state.jobs.clear()
    select(-1)
    not_checked()


def override():
    group = bpy.context.scene.renderjuice
    group.use_frames, group.frames = True, "1-100, 200"
    group.use_sample_count, group.sample_count = True, 64
    group.use_resolution_percentage, group.resolution_percentage = True, 50
    group.use_output_format, group.output_format = True, "OPEN_EXR"
    found(files)


def uploading(rate=0.0, left=None, **more):
    live = LiveProgress(26319257, 50541363, "bytes", rate, left)
    job(Stage.UPLOADING, begun=4, live=live, **more)


def waiting():
    said = (
        "The host renderjuice.com was not found.",
        "Check the internet connection; it is tried again.",
    )
    uploading(waiting=True, error=Problem("network", *said))


def rendering(**more):
    live = LiveProgress(96, 240, "frames", 0.0, 700.0)
    here = FrameCounts(240, 64, None, 64)
    job(Stage.RENDERING, live=live, frames=here, status="rendering", **more)


def downloading():
    live = LiveProgress(180, 240, "frames", 6396313.0, 50.0)
    here = FrameCounts(240, 180, None, 180)
    job(Stage.DOWNLOADING, live=live, frames=here, status="completed")


def finished():
    state.keep(jobs["shot_010_test"])
    job(Stage.FINISHED, begun=1320, frames=FrameCounts(240, 240, 0, 480, 240), gpu_seconds=22410.0)


def lacks_frames():
    error, here = problems.incomplete([118, 119, 120], {}), FrameCounts(240, 237, 3, 237)
    job(Stage.INCOMPLETE, begun=1320, frames=here, error=error, gpu_seconds=22130.0)


def failed():
    error = problems.failed_by_farm("Out of GPU memory on frame 37")
    here = FrameCounts(240, 36, None, 36)
    differs = (("denoisingEnabled", "on", "off"),)
    job(Stage.FAILED, begun=900, frames=here, error=error, differs=differs)


def estimate():
    state.keep(jobs["shot_010_test"])
    select(0)


def many():
    for number in range(1, 199):
        stage = Stage.FAILED if number % 18 == 0 else Stage.FINISHED
        stage = Stage.INCOMPLETE if number % 18 == 9 else stage
        history = ((stage, time.time() - 86400 * (199 - number)),)
        minute = f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"
        one = replace(jobs["shot_009"], id=f"{number:012x}", title=f"shot_{number:03}", stage=stage)
        state.keep(replace(one, created_at=minute, history=history))
    rendering(title="shot_200")


def missing(path, used_by):
    name = bpy.path.basename(path)
    missing = manifest.Missing(path, name, used_by, "IMAGE")
    return findings.checks_of(manifest.Manifest("shot.blend", (), (missing,)))[0]


STATES = {
    "first-run": first_run,
    "first-run-key": no_key,
    "not-checked": only_scene,
    "ready": lambda: None,
    "still": lambda: mode("STILL"),
    "test": lambda: mode("TEST"),
    "findings": broken,
    "out-of-date": out_of_date,
    "overrides": override,
    "offline": offline,
    "packing": lambda: job(Stage.PACKING, begun=4, live=LiveProgress(8, 12, "files")),
    "uploading": lambda: uploading(6606029.0, 4.0),
    "waiting": waiting,
    "rendering": rendering,
    "downloading": downloading,
    "finished": finished,
    "missing": lacks_frames,
    "failed": failed,
    "estimate": estimate,
    "elsewhere": lambda: job(Stage.RENDERING, foreign=True),
    "many": many,
}
"""In the order of docs/panel.md, which has one more: a file that was never saved."""
