"""Parses the arguments of `--command renderjuice` and headless.py, and runs the command.

Exit codes: 0 done, 1 the farm failed or canceled the job or frames are missing, 2 wrong usage,
3 a check failed, 4 key, network or API, 5 local disk, 130 interrupted.
"""

import argparse
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import bpy

from ..api.fields import FieldError, parse_assignment
from ..scene import baking
from ..session.follow import DEFAULT_WAIT_SECONDS
from ..system import interruption, streams
from . import arguments, connect, document, jobs, scene, selftest, words
from .results import DISK, USAGE, Failure, Result, add_resume_hint, disk, say_where_the_key_goes
from .worker import interrupted

COMMANDS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "connect": connect.connect,
    "check": scene.check,
    "config": scene.config,
    "pack": scene.pack,
    "submit": scene.submit,
    "jobs": jobs.jobs,
    "status": jobs.status,
    "wait": jobs.wait,
    "download": jobs.download,
    "cancel": jobs.cancel,
    "claim": jobs.claim,
    "resume": jobs.resume,
    "selftest": selftest.selftest,
}
"""The functions of the commands: they take options and return an exit code and a JSON document."""


_TAKE_FRAMES = ("--frames", "--scout")
_BEFORE_ZERO = re.compile(r"-\d")
_MISTAKE = Failure(
    DISK,
    "internal",
    "Something went wrong in Renderjuice; the lines above say where.",
    "Please report it with them.",
)


_WORDS = {
    "connect": "read a key from standard input, test it and store it",
    "check": "look for what would go wrong",
    "config": "show the requestedRenderConfig that would be sent",
    "pack": "write the package only",
    "submit": "render the open file on the farm",
    "jobs": "list all jobs",
    "resume": "go on with all jobs that are not done",
    "status": "how a job stands",
    "wait": "wait until the farm is done with a job",
    "download": "bring the frames of a job home",
    "cancel": "cancel a job",
    "claim": "go on here with a job that was made in another place",
    "selftest": "try a job's whole way on this computer, without a key and without the network",
}
_OF_THE_SCENE = ("check", "config", "pack", "submit")
_OF_A_JOB = ("status", "wait", "download", "cancel", "claim")
_THAT_ALLOW = ("check", "pack", "submit")
_WAIT = ("submit", "wait", "download", "resume")
"""Commands that wait for the farm."""


class _Usage(Exception):
    """The arguments are invalid; the text says why."""


class _Parser(argparse.ArgumentParser):
    """Raises _Usage, because argparse would exit Blender."""

    def error(self, message: str) -> NoReturn:
        said = message if message.endswith((".", "?")) else f"{message}."
        raise _Usage(f"{said} See: blender -b --command {self.prog} --help")


def main(given: Sequence[str], problem: str = "") -> int:
    """Run one command; return the exit code.

    `problem` says why the named file could not be opened; the command then fails with it.
    """
    streams.provide()
    try:
        options = parser().parse_args(_joined(given))
        return _run(options, problem)
    except _Usage as error:
        print(words.shortened(f"renderjuice: {error}"), file=sys.stderr)
        return USAGE
    except SystemExit as end:  # --help
        return int(end.code or 0)


def _run(options: argparse.Namespace, problem: str) -> int:
    if options.json == "-" and bpy.app.binary_path:
        raise _Usage("--json - needs the bpy module: Blender writes lines of its own to the output")
    if not_written := document.why_not(options.json):
        raise _Usage(not_written)
    try:
        if problem:
            raise Failure(USAGE, "no-file", problem)
        with interruption.raising():
            code, result = COMMANDS[options.command](options)
    except Failure as failure:
        code, result = _failed(failure)
    except KeyboardInterrupt:
        code, result = interrupted(made=options.command not in _OF_THE_SCENE), {}
    except OSError as error:
        if not error.filename:  # it does not tell what it is about
            traceback.print_exc()
        code, result = _failed(disk(error))
    except Exception:
        traceback.print_exc()
        code, result = _failed(_MISTAKE)
    say_where_the_key_goes(result)
    add_resume_hint(code, result)
    if result.get("error"):
        error = result["error"]
        said = f"renderjuice: {error['message']} {error['hint']}".rstrip()
        print(words.shortened(said), file=sys.stderr)
    try:
        document.write(result, options.json)
    except OSError as error:
        print(f"renderjuice: {options.json} cannot be written: {error.strerror}.", file=sys.stderr)
        return code or DISK
    return code


def _failed(failure: Failure) -> Result:
    return failure.code, {**failure.document, "error": failure.as_dict()}


def _joined(given: Sequence[str]) -> list[str]:
    """Join `--frames -3-1` into one argument, which argparse would take for an option."""
    joined: list[str] = []
    for argument in given:
        if joined and joined[-1] in _TAKE_FRAMES and _BEFORE_ZERO.match(argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    main_parser = _Parser(
        prog="renderjuice",
        description="Render the open file on Renderjuice.",
        epilog=words.epilog(""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = main_parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser
    )
    for name, does in _WORDS.items():
        command = commands.add_parser(
            name,
            help=does,
            description=does,
            epilog=words.epilog(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--json", metavar="PATH", help="write the result as a JSON document")
        if name == "pack":
            command.add_argument(
                "--output", metavar="PATH", required=True, help="where the package goes"
            )
            command.add_argument(
                "--overwrite", action="store_true", help="replace a file that is there"
            )
        if name in _OF_THE_SCENE:
            _scene_arguments(command)
        if name in _THAT_ALLOW:
            _allow_argument(command)
            _bake_argument(command)
        if name == "submit":
            _submit_arguments(command)
        if name in _OF_A_JOB:
            command.add_argument(
                "job", metavar="JOB", help="our id or the farm's, or its beginning"
            )
        if name == "wait":
            command.add_argument("--timeout", metavar="S", type=_duration, help="seconds, at most")
        if name == "download":
            command.add_argument("--output", metavar="DIR", default="", help="where to")
        if name in _WAIT:
            _patience_argument(command, name)
        if name == "selftest":
            command.add_argument(
                "--report", metavar="PATH", default="", help="where the report goes, as JSON"
            )
    return main_parser


def _submit_arguments(submit: argparse.ArgumentParser) -> None:
    submit.add_argument("--wait", action="store_true", help="return when the farm is done")
    submit.add_argument("--download", action="store_true", help="bring the frames home")
    submit.add_argument("--output", metavar="DIR", default="", help="where the frames go")
    submit.add_argument("--overwrite", action="store_true", help="replace frames that are there")
    submit.add_argument(
        "--scout",
        metavar="FRAMES",
        nargs="?",
        const="",
        help="render test frames and estimate the whole: the first, middle and last one, "
        "or such as x20 (every 20th) or 1, 50-52",
    )
    submit.add_argument("--dry-run", action="store_true", help="show what would be sent")


def _patience_argument(command: argparse.ArgumentParser, name: str) -> None:
    short = ", or 2 without --wait and --download" if name == "submit" else ""
    command.add_argument(
        "--patience",
        metavar="MINUTES",
        type=_duration,
        default=None if short else DEFAULT_WAIT_SECONDS / 60,
        help="how long to wait for a network or a farm that does not answer, counted from the last "
        f"thing that came; 15 if not given{short}",
    )


def _scene_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--frames", metavar="T", help="such as 1-100, 120, 130-200x5")
    command.add_argument("--scene", metavar="NAME", help="the scene to render")
    command.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        type=_assignment,
        help="override a setting, by its API name",
    )


def _allow_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow",
        metavar="PATH",
        action="append",
        default=[],
        help="send the scene without this missing file; repeat it for others. The id of a check, "
        "such as missing-file, stands for all files that it finds",
    )


def _bake_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--bake",
        choices=baking.MODES,
        help="which simulations are baked in the copy: auto, what takes no longer than a minute; "
        "all; none. As the scene has it if not given",
    )


def _duration(text: str) -> float:
    try:
        return arguments.duration("it", float(text))
    except (ValueError, arguments.WrongArgument):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number from 0 on") from None


def _assignment(text: str) -> tuple[str, Any]:
    try:
        return parse_assignment(text)
    except FieldError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
