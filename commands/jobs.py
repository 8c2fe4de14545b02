"""The commands about jobs: listing, status, waiting, downloading, canceling, resuming."""

import argparse
import sys
import uuid
from dataclasses import asdict
from pathlib import Path

from ..jobs import estimate, protocol, snapshot
from ..jobs.record import DamagedRecord, Record, Stage
from ..session.worker_process import MAX_MESSAGE_BYTES
from ..system import names
from ..system.files import absolute
from . import words
from .results import (
    DONE,
    INTERRUPTED,
    ONLINE,
    USAGE,
    WORST_FIRST,
    Failure,
    Result,
    code_of,
    code_of_error,
    not_done,
    print_estimate,
)
from .worker import follow, following, need_online, run, store


def jobs(options: argparse.Namespace) -> Result:
    """List all jobs by their records, newest first."""
    records = []
    for record in store().read_all():
        if isinstance(record, DamagedRecord):
            print(f"renderjuice: {record}", file=sys.stderr)
        else:
            records.append(record)
    records.sort(key=lambda record: record.created_at, reverse=True)
    if not records:
        print("There are no jobs. `submit` makes one.", file=sys.stderr)
    elif options.json != "-":
        print(words.table(records))
    return DONE, {"jobs": [snapshot.document(record) for record in records]}


def status(options: argparse.Namespace) -> Result:
    """Show a job's status, after reading it from the farm if it may have changed."""
    job_id = _job(options.job)
    record = store().load(job_id)
    if record.farm.id and (not record.ended or estimate.pending(record)):
        need_online()
        with following() as follower:
            reply = follower.ask(protocol.RefreshJob(job_id))
        record = store().load(job_id)
        if reply.error:
            raise Failure.of(ONLINE, reply.error, **snapshot.as_document(record))
    words.print_status(record)
    if record.error:
        print(f"{record.error.message} {record.error.hint}".rstrip(), file=sys.stderr)
    document = snapshot.as_document(record)
    print_estimate(document)
    return DONE, document


def wait(options: argparse.Namespace) -> Result:
    """Wait until the farm has completed the job."""
    job_id = _job(options.job)
    until = Stage.DOWNLOADING
    return follow(
        protocol.Wait(job_id, until),
        job_id,
        until=until,
        timeout=options.timeout,
        patience=60 * options.patience,
    )


def download(options: argparse.Namespace) -> Result:
    """Download a job's missing frames."""
    output = _folder(options.output)
    job_id = _job(options.job, output)
    return follow(protocol.Download(job_id, output), job_id, patience=60 * options.patience)


def cancel(options: argparse.Namespace) -> Result:
    """Cancel a job; success if it is canceled at the end."""
    job_id = _job(options.job)
    code, document = follow(protocol.Cancel(job_id), job_id)
    if document["job"]["stage"] == Stage.CANCELED:
        return DONE, document
    return code, document


def claim(options: argparse.Namespace) -> Result:
    """Take over a job that was made elsewhere, until its render has started."""
    job_id = _job(options.job)
    return follow(protocol.Claim(job_id, Stage.RENDERING), job_id, until=Stage.RENDERING)


def resume(options: argparse.Namespace) -> Result:
    """Resume all unfinished jobs, and look for the missing frames of ended ones."""
    records = [r for r in store().read_all() if isinstance(r, Record)]
    unfinished = [record for record in records if not record.ended]
    ids = [r.id for r in unfinished if store().made_here(r) or store().cancel_pending(r)]
    ids += [r.id for r in records if r.ended and r.late and store().made_here(r)]
    for record in unfinished:
        if record.id not in ids:
            print(
                f"renderjuice: {record.id} {record.title} was made in another state folder or on"
                f" another computer: `claim {record.id}` goes on with it here.",
                file=sys.stderr,
            )
    if not ids:
        print("There is nothing to go on with.", file=sys.stderr)
        return DONE, {"jobs": []}
    need_online()
    outcome = run(protocol.Resume(), ids, timeout=None, patience=60 * options.patience)
    after = [store().load(job_id) for job_id in ids]
    for record in after:
        words.print_status(record)
    codes = {code_of(record) for record in after} | ({outcome} if outcome else set())
    code = next((c for c in (INTERRUPTED, *WORST_FIRST) if c in codes), DONE)
    problems = [problem for record in after if (problem := record.error or not_done(record, None))]
    why = next((asdict(one) for one in problems if code_of_error(one.id) == code), None)
    document = {"jobs": [snapshot.document(record) for record in after]}
    return code, document | ({"error": why} if why else {})


def _folder(text: str) -> str:
    """The folder that `--output` names, "" if it names none. Raises Failure if its path is too
    long."""
    folder = str(absolute(text)) if text else ""
    asked = protocol.encode(protocol.Adopt(str(uuid.UUID(int=0)), folder, number=10**9))
    fits = len(asked) <= MAX_MESSAGE_BYTES and not names.too_long(folder)
    try:
        names.max_path_below(folder)
    except OSError:
        fits = False
    if not fits:
        message = "The path of --output is too long for the frames of a job."
        raise Failure(USAGE, "path-too-long", message, "Name a folder with a shorter one.")
    return folder


def _job(text: str, output: str = "") -> str:
    """The local id of the job that `text` names. A job that is only on the farm is adopted."""
    if not text:  # every id begins so
        raise Failure(USAGE, "no-job", "There is no job without an id.", "`jobs` lists them.")
    found = []
    for record in store().read_all():
        if isinstance(record, Record) and text in (record.id, record.farm.id):
            return record.id
        if isinstance(record, Record) and (
            record.id.startswith(text) or record.farm.id.startswith(text)
        ):
            found.append(record.id)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(found)
        raise Failure(USAGE, "ambiguous-job", f"{text} begins several jobs: {names}.", "Say more.")
    return _adopt(text, output)


def _adopt(farm_id: str, output: str) -> str:
    try:
        farm_id = str(uuid.UUID(farm_id))
    except ValueError:
        raise Failure(
            USAGE, "no-job", f"There is no job {farm_id}.", "`jobs` lists them."
        ) from None
    need_online()
    folder = output or str(Path.cwd() / "renderjuice" / farm_id)
    with following() as follower:
        reply = follower.ask(protocol.Adopt(farm_id, folder))
    if reply.error:
        raise Failure.of(ONLINE, reply.error)
    return reply.job
