"""A farm's behavior where the documentation leaves it open, chosen once by a seed."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

WRAPPERS = ("data", "job", "result", "empty", "204", "text", "null", "true", "list", "message")
ERROR_BODIES = (
    *("message", "error", "error.message", "errors", "errors-texts", "html", "nothing", "text"),
    *("number", "list", "null", "cut-json", "detail", "deep", "long", "quotes-request", "bytes"),
)
PROGRESS = (
    *("empty-list", "empty-object", "by-status", "by-status-upper", "counts", "per-job", "rows"),
    *("several-rows", "number", "fraction", "percent-text", "texts", "null", "lies", "negative"),
    *("404", "400", "500", "405", "204", "html", "wrapped", "nan", "huge", "deep", "frames"),
)
OBJECT_FAULTS = (
    *("403", "404", "410", "500", "503", "429", "416", "400-xml", "reset", "cut", "mute", "short"),
    *("open", "long", "less", "chunked-cut", "html", "html-as-image", "zero", "zero-no-length"),
    *("redirect", "redirect-loop", "redirect-away", "gzip", "aws-chunked", "aws-chunked-framed"),
    *("json", "204", "206", "drip", "chunked", "wrong-format", "302-nowhere"),
)
JSON_FORMS = ("spaces", "letters", "gzip", "chunked", "text", "bom", "latin")
UNKNOWN = (
    "debugging",
    "suspended",
    "queued",
    "RENDERING",
    "paused_by_farm",
    "",
    "done",
    "retrying",
)


THEMES: tuple[tuple[str, ...], ...] = (
    *((), (), ()),
    ("early", "replaced", "same url", "etag"),
    ("late", "trickle", "trickle empty", "completed early", "before"),
    ("naming", "view form", "relative", "node form", "extension", "lists", "repeats"),
    ("object fault", "fault times", "etag", "ranges", "length", "head", "url life"),
    ("flap", "flap to", "list stale", "list order", "unseen"),
    ("cancel", "cancel shape", "end", "late"),
    ("create", "validate", "render", "put", "upload expires", "slug twice", "refuses"),
    ("key", "trouble", "retry after", "error body"),
    ("progress", "all progress", "list lie", "page size", "most a page", "others"),
    ("extras", "lost frames", "null url", "zips", "legacy flag"),
)
"""Habits that are unusual together, because such combinations rarely happen by chance."""


def stream(seed: int, topic: str) -> Random:
    """Return random numbers for one topic, independent of all other topics."""
    return Random(f"{seed}/{topic}")


@dataclass
class Habits:
    """The behavior of one farm. Times are in seconds, and short."""

    seed: int
    wild: float = field(init=False)

    def __post_init__(self) -> None:
        self.wild = stream(self.seed, "wild").choice((0.05, 0.15, 0.3, 0.5))
        self.theme = stream(self.seed, "theme").choice(THEMES)
        self._access()
        self._jobs()
        self._lists()
        self._outputs()
        self._storage()

    def odd(self, topic: str, usual: Any, *others: Any) -> Any:
        """Return the usual value, or with this farm's probability `wild` one of the others."""
        rng = stream(self.seed, topic)
        wild = max(self.wild, 0.8) if topic in self.theme else self.wild
        return rng.choice(others) if rng.random() < wild else usual

    def some(self, topic: str) -> bool:
        return bool(self.odd(topic, False, True))

    def _access(self) -> None:
        self.error_body = self.odd("error body", "message", *ERROR_BODIES, "any")
        self.trouble = self.odd("trouble", 0.0, 0.05, 0.2, 0.5)  # share of all API calls
        self.most_troubles = stream(self.seed, "most troubles").choice((3, 8, 20))
        self.troubles = stream(self.seed, "troubles").sample(
            ("429", "500", "502", "503", "mute", "reset", "cut", "slow", "408", "401", "redirect",
             "html-200", "404", "short", "gzip", "empty-200", "507"),
            4,
        )  # fmt: skip
        self.retry_after = self.odd(
            "retry after", "0", None, "0.05", "soon", "-5", "", "99999999999999999999", "date", "1"
        )
        # The number of the first call that refuses the key, and for how many calls.
        self.key_refused = self.odd("key", None, (3, 6), (8, 12), (15, 30))
        self.key_status = stream(self.seed, "key status").choice((401, 403))
        self.clock_skew = self.odd("clock", 0, -7200, 7200, 40 * 86400)
        self.date_form = self.odd("date", "Z", "+00:00", "ms", "us", "ns", "naive", "+09:00")
        self.close_always = self.some("close")
        self.json_form = self.odd("json form", "plain", *JSON_FORMS)

    def _jobs(self) -> None:
        self.validate_shape = self.odd("validate shape", "bare", *WRAPPERS)
        self.cancel_shape = self.odd("cancel shape", "bare", *WRAPPERS)
        self.success = self.odd("success", 200, 201, 202)
        self.upload_expires = self.odd("upload expires", 600, 0.0, 0.05, -3600)
        self.put = self.odd(
            "put", "ok", "lost", "reset", "403-once", "500-once", "slow", "204", "201"
        )
        self.create = self.odd("create", "ok", "slow", "lost", "lost-twice", "400-once", "409-once")
        self.validate = self.odd("validate", "ok", "lost", "late", "slow", "500-after", "400-after")
        self.render = self.odd("render", "ok", "lost", "slow", "500-after", "late", "lost-late")
        self.replay_header = self.odd("replay header", True, False)
        self.unseen_reads = self.odd("unseen", 0, 1, 3)  # reads of a new job that return 404
        self.cancel = self.odd(
            "cancel",
            "ok",
            "ignored",
            "refused",
            "late",
            "lost",
            "lost-ignored",
            "404",
            "500",
            "409",
        )
        self.refuses = self.odd(
            "refuses", "", "all", "frameRanges", "ranges-single", "field", "twice"
        )
        self.refused_status = stream(self.seed, "refused status").choice((400, 400, 400, 422))
        self.end = self.odd(
            "end", "completed", "failed", "canceled", "unknown", "rendering", "finalizing", "gone"
        )
        self.validation_fails = self.odd("validation", "", "", "failed", "stuck", "unknown")
        self.flap = self.odd("flap", 0.0, 0.1, 0.4)
        self.flap_to = self.odd("flap to", "previous", "unknown", "any", "null", "completed")
        self.completed_early = self.odd("completed early", 0, 1, 2, 4)
        self.details = self.odd(
            "details", "plain", "null", "wrong-types", "deep", "huge", "missing"
        )
        self.lost_frames = self.odd("lost frames", 0, 1, 2)
        self.duplicate_slug = self.odd("slug twice", "second", "400", "409", "same")

    def _lists(self) -> None:
        self.page_size = self.odd("page size", "taken", "ignored", 400, 422, 404, 500)
        self.most_a_page = self.odd("most a page", 100, 1, 2, 10, 50)
        self.list_order = self.odd("list order", "newest", "oldest", "any")
        self.list_lie = self.odd(
            "list lie", "", "total-0", "pages-1", "pages-many", "null", "texts", "repeats",
            "misses", "beyond-400", "beyond-repeats", "no-pagination", "page-0",
        )  # fmt: skip
        self.list_stale = self.some("list stale")
        self.others = self.odd("others", 2, 0, 30, 130)
        self.progress = self.odd("progress", "empty-list", *PROGRESS, "any")
        self.all_progress = self.odd("all progress", "empty-list", *PROGRESS, "any")

    def _outputs(self) -> None:
        self.lists = self.odd("lists", "both", "legacy", "new", "uneven")
        self.early = self.odd("early", False, True)
        self.before = self.odd("before", "empty", "404", "400", "500", "204", "409", "null-lists")
        self.late = self.odd("late", 0.0, 0.05, 0.2, 0.5)
        self.trickle = self.odd("trickle", 0.0, 0.1, 0.4)
        self.trickle_empty = self.some("trickle empty")
        self.output_order = self.odd("output order", "same", "any", "reversed")
        self.repeats = self.some("repeats")
        self.null_url = self.odd("null url", "", "once", "ever", "missing", "empty")
        self.naming = self.odd(
            "naming",
            "path",
            "number",
            "id",
            "opaque",
            "index",
            "upper",
            "folder",
            "url",
            "nfd",
            "lower",
            "short",
        )
        self.relative = self.odd(
            "relative", None, "", ".", "/", "./", "renders", "renders/", "/tmp/out", "file",
            "a\\b", "C:\\out", "..", "../..", "~", "//renders", " ", "missing",
            "by-view", "by-frame",
        )  # fmt: skip
        self.extension = self.odd("extension", "same", "upper", "other", "none")
        self.view_form = self.odd(
            "view form", "name", "suffix", "null", "missing", "upper", "empty"
        )
        self.node_form = self.odd("node form", "name", "missing", "null", "in-path")
        self.legacy_flag = self.odd("legacy flag", False, True, None, "missing")
        self.extras = self.odd(
            "extras",
            "",
            "preview",
            "thumbs",
            "numbered",
            "log",
            "dot",
            "device",
            "like-frames",
        )
        self.junk = self.odd("junk", "", "nulls", "texts", "objects", "types", "more", "none")
        self.zips = self.odd("zips", "", "empty-object", "nulls", "zip", "video")
        self.replaced = self.odd("replaced", 0, 1, 2)
        self.same_url = self.some("same url")

    def _storage(self) -> None:
        self.object_fault = self.odd("object fault", 0.0, 0.15, 0.4)
        self.object_faults = stream(self.seed, "object faults").sample(OBJECT_FAULTS, 3)
        self.fault_times = self.odd("fault times", 1, 2, 4, 1_000_000)
        self.url_life = self.odd("url life", 600, 0.02, 0.1, 0.5)
        self.ranges = self.odd("ranges", "206", "200", "wrong", "416")
        self.head = self.odd("head", "403", "200", "405", "no-length")
        self.etag = self.odd("etag", "strong", "weak", "none", "same", "md5")
        self.length = self.odd("length", "given", "chunked", "open")

    def odd_ones(self) -> dict[str, Any]:
        """Return the habits that differ from the usual ones, for a report."""
        usual = Habits.__new__(Habits)
        usual.seed, usual.wild, usual.theme = self.seed, -1.0, ()
        for part in (usual._access, usual._jobs, usual._lists, usual._outputs, usual._storage):
            part()
        return {
            name: value
            for name, value in vars(self).items()
            if name not in ("seed", "theme", "wild") and getattr(usual, name) != value
        }
