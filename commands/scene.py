"""The commands about the open file: config, checks, packing, submitting."""

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import bpy

from ..api import fields
from ..jobs import snapshot
from ..jobs.record import Stage
from ..packing import archive, findings
from ..packing import manifest as manifests
from ..packing.manifest import Manifest, PackError
from ..scene import baking, checks
from ..scene.checks import Check
from ..session import open_file, submission
from ..session.background import WorkerError
from ..session.follow import DEFAULT_WAIT_SECONDS
from ..session.plan import Plan, missing_name, of_scene, with_bake, with_unfinished_jobs
from ..system import sharing, temporary
from ..system.files import absolute, nearest, rename_exclusive
from ..system.units import size
from . import printed_checks
from .results import CHECK, DISK, DONE, NO_KEY, USAGE, Failure, Result, code_of, disk
from .worker import SHORT_PATIENCE, failure, interrupted, job_document

ALLOW = "`--allow PATH` sends the scene without a missing file."
BAKE = "`--bake all` bakes however long it takes, `--bake none` sends the simulations as they are."
_TO_SEND = {"no-key", "bad-key", "offline", fields.BAD_ADDRESS}
"""Checks that apply only to submitting."""


def check(options: argparse.Namespace) -> Result:
    """Run all checks, including those of the files."""
    plan = _plan(options)
    with temporary.folder() as folder:
        manifest = _trace(plan, folder, measure=True)
    found = _all_checks(plan, manifest)
    _print_summary(plan, found, manifest)
    errors = [one for one in found if one.level == "error"]
    if any(one.missing for one in errors):
        print(ALLOW, file=sys.stderr)
    if any(one.id in baking.ASKED for one in errors):
        print(BAKE, file=sys.stderr)
    code = CHECK if errors else DONE
    files = asdict(manifests.by_kind(manifest))
    trimmed = [asdict(one) for one in manifest.trimmed]
    return code, {"checks": [_check(one) for one in found], "files": files, "trimmed": trimmed}


def config(options: argparse.Namespace) -> Result:
    """Show the requested config."""
    plan = _plan(options)
    if options.json != "-":
        print(json.dumps(plan.requested.config, indent=1))
    print(f"What would be asked for the scene {plan.scene}. Nothing is sent.", file=sys.stderr)
    return DONE, {"config": plan.requested.config}


def pack(options: argparse.Namespace) -> Result:
    """Write the package without submitting it."""
    plan = _plan(options)
    target = absolute(options.output)
    with temporary.folder() as folder:
        manifest = _trace(plan, folder)
        if not target.is_dir():
            _check_ending(target, manifest)
        for place in (folder, target):
            _check_space(manifest.bytes, place)
        package = _archive(manifest, folder)
        if target.is_dir():
            target /= Path(package.path).name
        _refuse_sources(target, manifest)
        try:
            _move(Path(package.path), target, replace=options.overwrite)
        except OSError as error:
            raise disk(error) from error
    document: dict[str, Any] = {
        "package": str(target),
        "kind": package.kind,
        "bytes": package.bytes,
        "files": [
            {"path": file.name, "source": file.source, "bytes": file.bytes}
            for file in manifest.files
        ],
        **_missing(plan, manifest),
        "trimmed": [asdict(trimmed) for trimmed in manifest.trimmed],
    }
    found = findings.checks_of(manifest, allowed=plan.allowed)
    mere = [one for one in plan.checks if one.level != "error"]  # errors do not prevent packing
    printed_checks.print_all([*mere, *found], bpy.data.scenes[plan.scene])
    print(f"Written: {target} ({package.kind}, {size(package.bytes)}).", file=sys.stderr)
    _refuse(found, document)
    return DONE, document


def _check_ending(target: Path, manifest: Manifest) -> None:
    ending = ".blend" if len(manifest.files) == 1 else ".zip"
    if target.suffix.lower() != ending:
        raise Failure(
            USAGE,
            "package-name",
            f"The package is a {ending} file, so {target.name} must end with {ending}.",
            "Where --output is a folder, the package gets the name of the scene's file.",
        )


def _check_space(needed_bytes: int, place: Path) -> None:
    """Raise Failure if the disk of `place` has no room for the package."""
    try:
        folder = nearest(place)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise disk(error) from error
    if found := checks.disk_space(needed_bytes, free, str(folder)):
        hint = "The package is made in the folder that TMPDIR names."
        raise Failure(DISK, found[0].id, found[0].message, hint)


def _refuse_sources(target: Path, manifest: Manifest) -> None:
    """Raise Failure if the package would replace a file of the scene."""
    sources = [bpy.data.filepath, *(file.source for file in manifest.files)]
    if any(os.path.realpath(target) == os.path.realpath(one) for one in sources if one):
        message = f"{target} is a file of the scene itself and is not replaced."
        raise Failure(USAGE, "file-exists", message, "Name another one.")


def _move(package: Path, target: Path, *, replace: bool) -> None:
    """Move the package to `target`. Raises OSError, and Failure if it exists, unless `replace`."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.move(package, part)
        if replace:
            sharing.replace(part, target)
        elif not rename_exclusive(part, target):
            hint = "Name another file, or replace it with --overwrite."
            raise Failure(USAGE, "file-exists", f"{target} is there already.", hint)
    finally:
        part.unlink(missing_ok=True)


def _patience(options: argparse.Namespace) -> float:
    """How many seconds `submit` waits for what does not answer."""
    if options.patience is not None:
        return 60 * float(options.patience)
    return DEFAULT_WAIT_SECONDS if options.wait or options.download else SHORT_PATIENCE


def submit(options: argparse.Namespace) -> Result:
    """Submit the scene, and wait and download if requested."""
    plan = _plan(options)
    if options.dry_run:
        return _dry_run(plan, listed=options.json != "-")
    warnings = [one for one in plan.checks if one.level == "warning"]
    printed_checks.print_all(warnings, bpy.data.scenes[plan.scene])
    until = "" if options.download else Stage.DOWNLOADING if options.wait else Stage.RENDERING
    try:
        record = submission.submit(plan, wait_until=until, patience=_patience(options))
    except submission.ChecksFailed as failed:
        first = failed.checks[0]
        found = [_check(one) for one in plan.checks]
        hint = NO_KEY if first.id == "no-key" else ""
        code = USAGE if first.id == fields.BAD_ADDRESS else CHECK
        raise Failure(code, first.id, first.message, hint, checks=found) from failed
    except submission.JobKept as kept:
        if isinstance(kept.reason, WorkerError):
            raise failure(kept.reason, **snapshot.as_document(kept.record)) from kept
        return interrupted(), job_document(kept.record)
    except (OSError, submission.NotSaved) as error:
        raise disk(error) from error
    wanted = Stage(until) if until else None
    return code_of(record, wanted), job_document(record, wanted)


def _dry_run(plan: Plan, *, listed: bool) -> Result:
    with temporary.folder() as folder:
        manifest = _trace(plan, folder)
    found = _all_checks(plan, manifest)
    document: dict[str, Any] = {
        "config": plan.requested.config,
        "checks": [_check(one) for one in found],
        "package": {
            "kind": "blend" if len(manifest.files) == 1 else "zip",
            "bytes": manifest.bytes,
            "files": [
                {"path": f.name, "source": f.source, "bytes": f.bytes} for f in manifest.files
            ],
            **_missing(plan, manifest),
            "trimmed": [asdict(trimmed) for trimmed in manifest.trimmed],
        },
    }
    if listed:
        print("\n".join(file.name for file in manifest.files))
    _print_summary(plan, found, manifest)
    _refuse(found, document)
    print("Nothing is sent.", file=sys.stderr)
    return DONE, document


# -- shared ---------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace) -> Plan:
    if not_open := open_file.why_not():
        raise Failure(USAGE, "no-file", not_open)
    scene: Any = bpy.context.scene
    if options.scene is not None:
        scene = bpy.data.scenes.get(options.scene)
        if scene is None:
            names = ", ".join(s.name for s in bpy.data.scenes)
            raise Failure(USAGE, "no-scene", f"There is no scene {options.scene}.", f"Has: {names}")
    output = getattr(options, "output", "") if options.command == "submit" else ""
    test = getattr(options, "scout", None)
    allow = map(missing_name, getattr(options, "allow", ()))
    plan = of_scene(
        scene,
        frames=options.frames,
        more=dict(options.set),
        output=output,
        overwrite=getattr(options, "overwrite", False),
        test=test,
        allow=allow,
    )
    problem = plan.requested.frames_problem
    if problem and (options.frames is not None or test):
        raise Failure(USAGE, *problem)
    plan = with_bake(plan, getattr(options, "bake", None) or "")
    return with_unfinished_jobs(plan)


def _refuse(found: list[Check], document: dict[str, Any]) -> None:
    """Raise Failure if there are errors among the checks."""
    errors = [one for one in found if one.level == "error"]
    if errors:
        hint = ALLOW if all(one.missing for one in errors) else ""
        if errors[0].id in baking.ASKED:
            hint = BAKE
        raise Failure(CHECK, errors[0].id, errors[0].message, hint, **document)


def _missing(plan: Plan, manifest: Manifest) -> dict[str, Any]:
    """What is missing, and what of it the scene is sent without, if anything."""
    members: dict[str, Any] = {"missing": [asdict(missing) for missing in manifest.missing]}
    if without := findings.sent_without(manifest, plan.allowed):
        members["sentWithout"] = without
    return members


def _all_checks(plan: Plan, manifest: Manifest) -> list[Check]:
    """All checks for a command that needs no key and no network."""
    own = [replace(c, level="note") if c.id in _TO_SEND else c for c in plan.checks]
    return checks.in_order([*own, *findings.checks_of(manifest, allowed=plan.allowed)])


def _print_summary(plan: Plan, found: list[Check], manifest: Manifest) -> None:
    """Print the checks, and the number and size of the files, to standard error."""
    printed_checks.print_all(found, bpy.data.scenes[plan.scene])
    if not any(one.level == "error" for one in found):
        print("Nothing stands in the way.", file=sys.stderr)
    print(f"Files to send: {len(manifest.files)}, {size(manifest.bytes)}.", file=sys.stderr)


def _trace(plan: Plan, folder: Path, *, measure: bool = False) -> Manifest:
    try:
        return submission.trace(plan, folder, measure=measure)
    except PackError as error:
        raise Failure(DISK, error.id, error.message, error.hint) from error
    except submission.NotSaved as error:
        raise disk(error) from error


def _archive(manifest: Manifest, folder: Path) -> archive.Package:
    try:
        return archive.write(manifest, folder, on_bytes=lambda _: None, should_stop=lambda: False)
    except PackError as error:
        raise Failure(DISK, error.id, error.message, error.hint) from error


def _check(one: Check) -> dict[str, Any]:
    wanted = ("id", "level", "message", "datablock", "path")
    return {name: getattr(one, name) for name in wanted}
