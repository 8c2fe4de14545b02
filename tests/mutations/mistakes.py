"""Possible programming mistakes, each with the tests of which at least one must find it."""

from dataclasses import dataclass

from .changes import (
    Change,
    always,
    entry_false,
    instead,
    never,
    overwriting,
    uncalled,
    unguarded,
    without,
)

MODEL = "unit/test_worker_model.py"
MONEY = "unit/test_worker_money.py"
WORKER = "unit/test_worker_jobs.py"
PATIENCE = "unit/test_worker_patience.py"
MOMENTS = "unit/test_worker_moments.py"
RECORD = "unit/test_jobs_record.py"
HOSTILE = "unit/test_hostile_answers.py"
BOUNDS = "unit/test_hostile_bounds.py"
NAMES = "unit/test_frames_names.py"
COMPLETENESS = "unit/test_frames_completeness.py"
INTEGRITY = "unit/test_frames_integrity.py"
FAULTS = "unit/test_worker_faults.py"
IDENTITY = "unit/test_worker_identity.py"
REGRESSIONS = "chaos/test_regressions.py"


@dataclass(frozen=True)
class Mistake:
    """A change that makes a function wrong. `tests` are pytest node ids below tests/."""

    says: str
    file: str
    function: str
    change: Change
    tests: tuple[str, ...]


MISTAKES = (
    Mistake(
        "Another worker's job is begun",
        "worker/permission.py",
        "refusal",
        entry_false("LOCK"),
        (MODEL,),
    ),
    Mistake(
        "Cancel is not looked at before a call that begins",
        "worker/permission.py",
        "refusal",
        entry_false("CANCELED"),
        (MODEL,),
    ),
    Mistake(
        "A copied state folder begins its jobs",
        "worker/permission.py",
        "refusal",
        entry_false("PLACE"),
        (MODEL,),
    ),
    Mistake(
        "A job of another farm is begun at this one",
        "worker/permission.py",
        "refusal",
        entry_false("ADDRESS"),
        (MODEL,),
    ),
    Mistake(
        "A job that names no farm is sent to this one",
        "worker/permission.py",
        "refusal",
        entry_false("UNKNOWN_ADDRESS"),
        (MODEL,),
    ),
    Mistake(
        "A job of the dashboard is begun",
        "worker/permission.py",
        "refusal",
        entry_false("FARMS_OWN"),
        (MODEL,),
    ),
    Mistake(
        "A job that has ended is begun again",
        "worker/permission.py",
        "refusal",
        entry_false("ENDED"),
        (MODEL,),
    ),
    Mistake(
        "Download and Wait begin a job",
        "worker/permission.py",
        "refusal",
        entry_false("PURPOSE"),
        (MODEL,),
    ),
    Mistake(
        "A call begins what its stage does not",
        "worker/permission.py",
        "refusal",
        entry_false("STAGE"),
        (MODEL,),
    ),
    Mistake(
        "A call begins whatever the farm says of the job",
        "worker/permission.py",
        "refusal",
        entry_false("STATUS"),
        (MODEL,),
    ),
    Mistake(
        "The job is not read before the render",
        "worker/permission.py",
        "_check_now",
        instead("get_job", "job.record.farm"),
        (MODEL,),
    ),
    Mistake(
        "A refused render is believed without looking",
        "worker/stages.py",
        "starting",
        unguarded("fall_back"),
        (f"{PATIENCE}::test_a_refusal_of_a_render_that_has_begun_is_found_out",),
    ),
    Mistake(
        "A render that has not begun after all is waited for",
        "worker/stages.py",
        "rendering",
        never("returns_after"),
        (f"{PATIENCE}::test_a_wrong_answer_that_says_rendering_does_not_leave_the_job_unrendered",),
    ),
    Mistake(
        "A frame that has gone again counts as here",
        "worker/stages.py",
        "downloading",
        never("is_downloaded"),
        (f"{PATIENCE}::test_a_frame_that_others_delete_before_the_end_is_named",),
    ),
    Mistake(
        "A record of a later version is read as one of ours",
        "jobs/record.py",
        "from_json",
        never("SCHEMA"),
        (RECORD,),
    ),
    Mistake(
        "A stage that nobody knows is taken",
        "jobs/record.py",
        "_check",
        instead("Stage", "record.stage"),
        (RECORD, HOSTILE),
    ),
    Mistake(
        "A job goes on from what was read before its last owner let go",
        "worker/runner.py",
        "run",
        without("load"),
        (f"{WORKER}::test_two_workers_do_not_run_one_job_twice",),
    ),
    Mistake(
        "What a full disk did not take is not written before the next step",
        "worker/runner.py",
        "_stage",
        without("flush"),
        (f"{MONEY}::test_nothing_is_done_on_the_farm_while_the_record_cannot_be_written",),
    ),
    Mistake(
        "A wish to cancel is forgotten at the next start",
        "worker/runner.py",
        "_stage",
        never("cancel_requested"),
        (f"{WORKER}::test_cancel_reaches_the_farm_and_ends_the_job",),
    ),
    Mistake(
        "One refusal ends a job that is paid",
        "worker/runner.py",
        "_is_temporary",
        never("MAX_REFUSALS"),
        (f"{PATIENCE}::test_a_stray_refusal_to_list_the_frames_does_not_lose_them",),
    ),
    Mistake(
        "A broken frame gets its name",
        "worker/download.py",
        "Download._fetch",
        never("reason"),
        (f"{WORKER}::test_a_frame_that_arrives_broken_is_fetched_again",),
    ),
    Mistake(
        "A file of another length counts as here",
        "worker/download.py",
        "is_downloaded",
        always("st_size"),
        (f"{WORKER}::test_download_brings_back_what_others_have_spoiled_here",),
    ),
    Mistake(
        "What never comes whole is fetched for ever",
        "worker/download.py",
        "Download.judge",
        always("limit"),
        (f"{PATIENCE}::test_a_frame_that_is_broken_on_the_farm_is_named_and_the_others_come",),
    ),
    Mistake(
        "One file's fault is taken for the connection's",
        "worker/faults.py",
        "Faults.is_own",
        never("proven"),
        (f"{FAULTS}::test_a_file_s_own_fault_costs_that_file",),
    ),
    Mistake(
        "A connection that is gone counts against files",
        "worker/faults.py",
        "Faults.counts",
        always("answered"),
        (f"{FAULTS}::test_where_nothing_can_be_reached_the_job_waits_for_ever",),
    ),
    Mistake(
        "A frame that the farm rendered again stays as it was",
        "worker/download.py",
        "Download.run",
        never("_final"),
        (f"{IDENTITY}::test_a_frame_that_the_farm_rendered_again_is_fetched_again",),
    ),
    Mistake(
        "An output gets the place that its list has left",
        "frames/names.py",
        "places",
        always("unique"),
        (f"{IDENTITY}::test_outputs_of_one_name_get_their_own_bytes_whichever_is_listed_first",),
    ),
    Mistake(
        "A farm that goes on again and again is followed for ever",
        "worker/stages.py",
        "downloading",
        always("MAX_RETURNS"),
        (f"{FAULTS}::test_a_farm_that_goes_on_again_and_again_is_not_followed_for_ever",),
    ),
    Mistake(
        "Frames that the scene cannot say are left to it",
        "worker/config_fallback.py",
        "_scene_has_frames",
        always("step"),
        (f"{WORKER}::test_frames_that_the_uploaded_scene_cannot_say_are_not_left_out",),
    ),
    Mistake(
        "A File Output node may lack files",
        "frames/completeness.py",
        "judge",
        always("nodes"),
        (f"{COMPLETENESS}::test_a_node_s_output_is_complete_or_named",),
    ),
    Mistake(
        "Unfinished files stay when the job has ended",
        "worker/download.py",
        "remove_partial_files",
        without("unlink"),
        (f"{REGRESSIONS}::test_regression[canceled while frames come]",),
    ),
    Mistake(
        "A planted link is followed",
        "worker/output_folder.py",
        "make_folder",
        never("is_relative_to"),
        (f"{HOSTILE}::test_a_link_in_place_of_a_folder_of_frames_is_not_followed",),
    ),
    Mistake(
        "A picture may have no end",
        "worker/download.py",
        "Download._fetch",
        never("frame"),
        (f"{BOUNDS}::test_a_picture_without_end_is_given_up_and_named_and_the_others_come",),
    ),
    Mistake(
        "Two names that differ in case only are one file",
        "frames/names.py",
        "places",
        uncalled("collision_key"),
        (f"{NAMES}::test_two_files_of_one_name_both_come_home",),
    ),
    Mistake(
        "A frame that is there for one eye is there for both",
        "frames/completeness.py",
        "_by_digits",
        overwriting("lacking"),
        (f"{COMPLETENESS}::test_a_frame_must_be_there_in_each_view",),
    ),
    Mistake(
        "The checksums of a PNG are not looked at",
        "frames/formats/png.py",
        "check",
        never("valid"),
        (f"{INTEGRITY}::test_a_png_with_any_bit_flipped_is_broken",),
    ),
)
