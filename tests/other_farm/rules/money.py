"""Money: one render per press, of the announced frames, by a command that may start it."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..endpoints import frames_of
from ..farm import Entry
from ..plan import Press
from .common import ENDED, commands, last, posts

if TYPE_CHECKING:
    from ..drive import Run

MAY_BEGIN = ("start", "resume", "retry", "claim")
"""Submit, Blender's start, Try Again and Claim; never Download, Wait or a refresh."""
MUST_BE = {"validate": "created", "render": "validated"}
SECONDS_OF_AN_ANSWER = 1.5  # maximum age of the farm's response
SECONDS_ON_THE_WAY = 1.0  # of a request sent just before its worker was killed


def one_render(run: "Run") -> Iterator[str]:
    """A press causes at most one render."""
    renders = Counter[str]()
    for job in run.farm.jobs.values():
        renders[job.press] += job.renders
    for press in run.plan.presses:
        if renders[press.marker] > 1:
            yield f"money: {renders[press.marker]} renders for one press"


def only_announced(run: "Run") -> Iterator[str]:
    """Only announced frames are rendered."""
    for press in run.plan.presses:
        for job in run.jobs_of(press):
            if job.renders and (more := set(frames_of(run.farm, job.config)) - set(run.announced)):
                yield f"money: frames {sorted(more)[:5]} were rendered and not announced"


def nobody_elses(run: "Run") -> Iterator[str]:
    """Nothing is started for the dashboard's jobs, by a copied state folder, or on another farm."""
    copies = {user.name for user in run.copies}
    for entry in posts(run.farm.log):
        if entry.job and not entry.press:
            yield f"money: {last(entry)} of a job of the dashboard"
        if entry.who in copies:
            yield f"money: {last(entry)} by a copied state folder"
    for entry in posts(run.other_farm.log):
        yield f"money: {last(entry)} at another address than the one it was submitted to"


def asked_first(run: "Run") -> Iterator[str]:
    """Before `validate` and `render` the farm reports a status that allows the call."""
    for number, entry in enumerate(run.farm.log):
        name = entry.path.rpartition("/")[2]
        if entry.method != "POST" or name not in MUST_BE or not entry.press:
            continue
        if entry.who == "nobody":  # the key changed after the status request, and is refused
            continue
        heard: list[tuple[float, str]] = []
        for before in run.farm.log[:number]:
            if before.job != entry.job or before.who != entry.who:
                continue
            if before.method == "POST" and before.path == entry.path:
                heard = []  # each call needs its own status request
            elif before.method == "GET" and before.path.endswith(entry.job):
                heard.append((before.at, before.said.get(entry.job, "")))
        # Other threads also ask, and the farm may give each a different status.
        # On a busy machine even the last response is some seconds old.
        lately = [said for at, said in heard if entry.at - at < SECONDS_OF_AN_ANSWER]
        lately = lately or [said for _, said in heard[-1:]]
        if MUST_BE[name] not in lately:
            yield f"money: {last(entry)} without asking: the farm has said {lately[-2:]}"


def by_a_command_that_may(run: "Run") -> Iterator[str]:
    """Download, Wait and a refresh never start anything."""
    presses = {press.marker: press for press in run.plan.presses}
    for entry in posts(run.farm.log):
        press = presses.get(entry.press)
        user = run.users.get(entry.who)
        if press is None or user is None or user.name != press.user:
            continue
        shells = [shell.life for shell in run.shells if shell.press.user == user.name]
        told = [
            (kind, job)
            for life in [*user.lives, *shells]
            if life.begun <= entry.at <= life.over + SECONDS_ON_THE_WAY
            for at, kind, job in life.given
            if at <= entry.at
        ]
        if not any(kind in MAY_BEGIN and job in ("", press.job) for kind, job in told):
            kinds = sorted({kind for kind, _ in told})
            yield f"money: {last(entry)} though only {', '.join(kinds) or 'nothing'} was asked for"


def never_after_the_end(run: "Run") -> Iterator[str]:
    """Nothing is started after the job was reported as ended or as canceling."""
    for press in run.plan.presses:
        for words, stages in (("it had ended", ENDED), ("it was to be canceled", ("canceling",))):
            yield from _after(run, press, words, stages)


def _after(run: "Run", press: Press, words: str, stages: tuple[str, ...]) -> Iterator[str]:
    told = [
        one
        for one in run.users[press.user].told
        if one.job.id == press.job and one.job.stage in stages
    ]
    if not told:
        return
    first = told[0]
    entries: list[Entry] = [e for e in posts(run.farm.log) if e.press == press.marker]
    for entry in entries:
        if entry.at > first.at:
            then = [c[2] for c in commands(run, press) if first.at <= c[0] < entry.at]
            yield f"money: {last(entry)} after {words} ({first.job.stage}; then {then})"
