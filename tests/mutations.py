"""Deliberate mistakes, and which test finds each: a rule that no test holds is no rule.

    python -m tests.mutations [NUMBER...]

Each is made in a copy of the checkout, one at a time, and its tests are run until one fails. Prints
the table of docs/reliability.md; 1 where a mistake was not found.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODEL = "unit/test_jobs_model.py"
MONEY = "unit/test_jobs_money.py"
WORKER = "unit/test_jobs_worker.py"
PATIENCE = "unit/test_jobs_patience.py"
MOMENTS = "unit/test_jobs_moments.py"
RECORD = "unit/test_jobs_record.py"
DOORS = "unit/test_jobs_doors.py"
BOUNDS = "unit/test_doors_bounds.py"
OUTPUTS = "unit/test_jobs_outputs.py"
FOUND = "chaos/test_found.py"


@dataclass(frozen=True)
class Mistake:
    """`old` stands once in the file and becomes `new`."""

    says: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MISTAKES = (
    Mistake(
        "Render is pressed whatever the farm says of the job",
        "worker/stages.py",
        'if farm_job.status == "validated":\n        job.check()',
        "if True:\n        job.check()",
        (f"{WORKER}::test_a_lost_answer_does_not_start_a_second_render",),
    ),
    Mistake(
        "The job is not read before the render",
        "worker/stages.py",
        "farm_job = tools.client().get_job(job.record.farm.id)\n    heard(job, farm_job)\n"
        "    if ended(job, farm_job):\n        return\n    if farm_job.status not in",
        "from ..api.models import FarmJob\n"
        '    farm_job = FarmJob(id=job.record.farm.id, status="validated")\n'
        "    if farm_job.status not in",
        (MODEL,),
    ),
    Mistake(
        "Validation is asked for in any status",
        "worker/stages.py",
        'if farm_job.status == "created" and not asked:',
        "if not asked:",
        (MODEL,),
    ),
    Mistake(
        "Cancel is not looked at between the job's answer and the render",
        "worker/stages.py",
        'if farm_job.status == "validated":\n        job.check()',
        'if farm_job.status == "validated":',
        (f"{MOMENTS}::test_cancel_while_the_farm_takes_its_time",),
    ),
    Mistake(
        "A refused render is believed without looking",
        "worker/stages.py",
        'farm_job = tools.client().get_job(farm_job.id)\n            if farm_job.status == "valid'
        'ated":\n                if',
        "if True:\n                if",
        (f"{PATIENCE}::test_a_refusal_of_a_render_that_has_begun_is_found_out",),
    ),
    Mistake(
        "A render that has not begun after all is waited for",
        "worker/stages.py",
        "if back == ANSWERS:",
        "if back < 0:",
        (f"{PATIENCE}::test_a_wrong_answer_that_says_rendering_does_not_leave_the_job_unrendered",),
    ),
    Mistake(
        "A frame that has gone again counts as here",
        "worker/stages.py",
        "absent = [name for name in named if not have(job.record, name)]",
        "absent: list[str] = []",
        (f"{PATIENCE}::test_a_frame_that_others_delete_before_the_end_is_named",),
    ),
    Mistake(
        "A record of a later version is read as one of ours",
        "jobs/record.py",
        'or data["schema"] > SCHEMA',
        "",
        (RECORD,),
    ),
    Mistake(
        "A stage that nobody knows is taken",
        "jobs/record.py",
        "if record.stage not in STAGES:",
        "if False:",
        (RECORD, DOORS),
    ),
    Mistake(
        "A job goes on from what was read before its last owner let go",
        "worker/runner.py",
        "job.record = store.load(job.record.id)  # as its last owner left it",
        "pass",
        (f"{WORKER}::test_two_workers_do_not_run_one_job_twice",),
    ),
    Mistake(
        "What a full disk did not take is not written before the next step",
        "worker/runner.py",
        "            job.settle()\n",
        "",
        (f"{MONEY}::test_nothing_is_done_on_the_farm_while_the_record_cannot_be_written",),
    ),
    Mistake(
        "A wish to cancel is forgotten at the next start",
        "worker/runner.py",
        "if job.record.cancel_requested and stage not in",
        "if False and stage not in",
        (f"{WORKER}::test_cancel_reaches_the_farm_and_ends_the_job",),
    ),
    Mistake(
        "One refusal ends a job that is paid",
        "worker/runner.py",
        "return job.refusals < PATIENCE",
        "return False",
        (f"{PATIENCE}::test_a_stray_refusal_to_list_the_frames_does_not_lose_them",),
    ),
    Mistake(
        "A broken frame gets its name",
        "worker/download.py",
        "if reason:",
        "if False:",
        (f"{WORKER}::test_a_frame_that_arrives_broken_is_fetched_again",),
    ),
    Mistake(
        "A file of another length counts as here",
        "worker/download.py",
        "return size is not None and path.is_file() and path.stat().st_size == size",
        "return size is not None and path.is_file()",
        (f"{WORKER}::test_download_brings_back_what_others_have_spoiled_here",),
    ),
    Mistake(
        "What never comes whole is fetched for ever",
        "worker/download.py",
        "if self._job.spoiled[name] < PASSES:",
        "if True:",
        (f"{PATIENCE}::test_a_frame_that_is_broken_on_the_farm_is_named_and_the_others_come",),
    ),
    Mistake(
        "Unfinished files stay when the job has ended",
        "worker/download.py",
        "                part.unlink()\n\n\ndef _part_mark",
        "                pass\n\n\ndef _part_mark",
        (f"{FOUND}::test_found[canceled while frames come]",),
    ),
    Mistake(
        "A planted link is followed",
        "worker/download.py",
        "if not part.parent.resolve().is_relative_to(self._folder.resolve()):",
        "if False:",
        (f"{DOORS}::test_a_link_in_the_output_folder_is_not_followed",),
    ),
    Mistake(
        "A picture may have no end",
        "worker/download.py",
        "limit=LARGEST_PICTURE if",
        "limit=None if",
        (f"{BOUNDS}::test_a_picture_without_end_is_given_up_and_named_and_the_others_come",),
    ),
    Mistake(
        "Two names that differ in case only are one file",
        "frames/files.py",
        "while taken[unique.casefold()] or",
        "while taken[unique] or",
        (f"{DOORS}::test_every_list_of_names_can_be_written_side_by_side_and_stays_inside",),
    ),
    Mistake(
        "A frame that is there for one eye is there for both",
        "frames/files.py",
        "lacking |= wanted.difference(found)",
        "lacking = wanted.difference(found)",
        (f"{OUTPUTS}::test_a_frame_must_be_there_in_each_view",),
    ),
    Mistake(
        "The checksums of a PNG are not looked at",
        "frames/files.py",
        'if suffix == ".png" and not _sums_agree(file):',
        "if False:",
        (f"{OUTPUTS}::test_a_png_with_any_bit_flipped_is_broken",),
    ),
)


IMPATIENT = """
from hypothesis import Phase, settings

settings.register_profile("impatient", deadline=None, phases=[Phase.generate])
settings.load_profile("impatient")
"""
"""That a drawn test fails is enough to know: the smallest example takes minutes to find."""


def copy(folder: Path) -> None:
    """What the tests need of this checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    with (folder / "tests" / "conftest.py").open("a") as conftest:
        conftest.write(IMPATIENT)


def finds(folder: Path, mistake: Mistake) -> str:
    """The test that fails with the mistake, or ""."""
    path = folder / mistake.file
    sound = path.read_text()
    if sound.count(mistake.old) != 1:
        raise SystemExit(f"{mistake.says}: not once in {mistake.file}: {mistake.old}")
    path.write_text(sound.replace(mistake.old, mistake.new))
    try:
        found = fails(folder, *mistake.tests)
    finally:
        path.write_text(sound)
    # A machine that does too much lets tests fail that wait. The model waits for nothing.
    if found and MODEL not in found and fails(folder, found):
        raise SystemExit(f"{found} fails without a mistake, too")
    return found


def fails(folder: Path, *tests: str) -> str:
    """The first of these tests that fails, or ""."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--timeout", "240"]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", *(f"tests/{name}" for name in tests)],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    failed = re.search(r"^(?:FAILED|ERROR) tests/(.+?)(?: - .*)?$", run.stdout, re.MULTILINE)
    if run.returncode and not failed:
        raise SystemExit(run.stdout + run.stderr)
    return failed[1] if failed else ""


def main(chosen: list[int]) -> int:
    """Make the mistakes of these numbers, counted from 1, or all."""
    survived = 0
    print("| mistake | in | found by |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "checkout")
        copy(folder)
        for number, mistake in enumerate(MISTAKES, 1):
            if chosen and number not in chosen:
                continue
            test = finds(folder, mistake)
            survived += not test
            name = test.rpartition("::")[2] or "NOTHING"
            print(f"| {mistake.says} | `{mistake.file}` | `{name}` |", flush=True)
    return int(bool(survived))


if __name__ == "__main__":
    sys.exit(main([int(number) for number in sys.argv[1:]]))
