"""`GET /jobs`: pages, page sizes, orders and wrong lists."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .habits import stream
from .shapes import plain
from .timeline import Job
from .wire import Answer, Request

if TYPE_CHECKING:
    from .farm import Farm


def listed(farm: "Farm", request: Request, show: Callable[[Job], dict[str, Any]]) -> Answer:
    """Return a page of the jobs."""
    habits = farm.habits
    lie = "" if farm.calm else habits.list_lie
    size = habits.most_a_page
    asked = request.query.get("pageSize")
    if asked is not None:
        if isinstance(habits.page_size, int):
            return farm.error(request, habits.page_size, "Unrecognized key: pageSize")
        if habits.page_size == "taken":
            size = max(1, min(size, int(asked) if asked.isdigit() else size))
    else:
        size = min(size, 10)
    page = request.query.get("page", "1")
    if not page.isdigit() or int(page) < 1:
        return farm.error(request, 400, "page: must be greater than 0")
    number = int(page)
    jobs = _ordered(farm, lie)
    last = max(1, -(-len(jobs) // size))
    if number > last and lie == "beyond-400":
        return farm.error(request, 400, "There is no such page")
    start = (min(number, last) if lie == "beyond-repeats" else number) - 1
    shown = [_seen(farm, job, show) for job in jobs[start * size : (start + 1) * size]]
    if lie == "repeats":
        shown += shown[:1]
    answer: dict[str, Any] = {"jobs": shown}
    if lie != "no-pagination":
        answer["pagination"] = _pagination(lie, number, size, len(jobs), last)
    return plain(answer)


def _ordered(farm: "Farm", lie: str) -> list[Job]:
    rng = stream(farm.seed, f"list {farm.count('list')}")
    jobs = [job for job in farm.jobs.values() if not job.gone]
    jobs.sort(key=lambda job: job.made, reverse=farm.habits.list_order == "newest")
    if farm.habits.list_order == "any":
        rng.shuffle(jobs)
    if lie == "misses":
        jobs = [job for job in jobs if rng.random() < 0.5]
    return jobs


def _seen(farm: "Farm", job: Job, show: Callable[[Job], dict[str, Any]]) -> dict[str, Any]:
    answer = show(job)
    rng = stream(farm.seed, f"stale {farm.count('stale')}")
    if farm.habits.list_stale and not farm.calm and job.press and rng.random() < 0.5:
        # The list is out of date.
        answer["status"] = rng.choice(("created", "validating", "validated", job.steps[0][0]))
        if farm.answering:
            farm.answering.said[job.id] = str(answer["status"])
    return answer


def _pagination(lie: str, page: int, size: int, total: int, pages: int) -> dict[str, Any]:
    usual = {"page": page, "pageSize": size, "total": total, "totalPages": pages}
    lies: dict[str, dict[str, Any]] = {
        "total-0": {"total": 0, "totalPages": 0},
        "pages-1": {"totalPages": 1},
        "pages-many": {"totalPages": 10_000_000, "total": 10**12},
        "null": dict.fromkeys(usual),
        "texts": {name: str(value) for name, value in usual.items()},
        "page-0": {"page": 0},
    }
    return usual | lies.get(lie, {})
