"""The text of docs/performance.md around its figures: what each benchmark measures, and why."""

from dataclasses import dataclass

BEGIN = """
# Performance

`make bench` measures everything here beside what one would use instead, in the same run and in
turns, writes the figures to `build/bench/` and this page from them; `make bench QUICK=yes` is
the same in small. A ratio is of speeds, ours to theirs: the median of the pairs, with the
lowest and the highest. The figures below are of one machine with two cores, and each section
names its load: ratios and counts hold for others, seconds do not. What no machine's speed changes
(requests, memory, the size of what is told, the modules that enabling adds) is held by tests,
`tests/unit/test_bench_gate.py` and `tests/blender/test_register.py`.
"""


@dataclass(frozen=True)
class Section:
    """The text about one benchmark: its heading, what it measures, and reasons for the results."""

    title: str
    what: str
    why: str = ""


SECTIONS = {
    "enable": Section(
        "Enabling",
        """
What Blender's start takes longer with the extension: enabling it with its byte code on the
disk, beside an empty extension and two of Blender's own.
""",
        """
Nothing of the network, of the models or of the worker is loaded before it is needed.
""",
    ),
    "main_thread": Section(
        "Blender's main thread",
        """
In a whole Blender 5.2.2 with a window, drawn by software. Percentiles are of what the main
thread computes, which other programs on the machine do not lengthen; beside them is p99 by the
clock on the wall, which holds those too. A frame of the animation holds all that the extension
does in it: ticks, drawing of the sidebar and of the status bar.
""",
        """
The copy for the farm is saved without Blender's picture of it, which is why it is quicker than
the same call of an artist; beside that call without the picture it takes a little longer, since
it looks afterwards whether the disk took all of it.

What is missed: with the sidebar open, one of a hundred frames of the animation holds a little more
than 1 ms of ours: a frame in which the worker is heard and the panel drawn anew, which fall into
two frames where a computer plays 24 of them a second, and here, at ten a second, not always. The
panel is a hundred labels, buttons and pictures, 0.8 ms of them, and the processor's caches are the
limit: the scene's thirty settings take 0.2 ms to read between two frames of the viewport, which has
filled those caches, and 0.013 ms in a loop. They are read at each redraw all the same: Blender
tells nobody that a script or a preset has changed a setting of Cycles, and the panel has to show
it. Half of all frames hold 0.08 ms, beside 6 ms of Blender's own; with the sidebar closed one of a
hundred holds 0.3 ms.
""",
    ),
    "worker": Section(
        "The worker",
        """
The process beside Blender that sends and fetches: its start beside a Python that imports what
it needs, its rest, and its memory. A worker without a job is ended; here it is kept to look at
it.
""",
        """
Most of the start is Python's import of requests and pydantic; Blender does not wait for it.
Memory does not grow with jobs that are over, as each is let go of when it has been looked at,
and grows with the frames of a job under way: their names and sizes are in its record.
""",
    ),
    "polling": Section(
        "Asking the farm",
        """
Requests are counted with the poller itself on a clock that does not wait, with 30 jobs of
others in the list; so they are exact. The times are of the local farm, at the real pace.
""",
        """
Fifty jobs are asked about with the two requests of one, a page of the list and the counters;
200 need more pages. While something changes the farm is asked every two seconds, and otherwise
ever less, down to every 30 seconds: that, and not the transfer, is how long a frame that is
ready waits.
""",
    ),
    "packing": Section(
        "Packing",
        """
`archive.write` beside tools that copy files, from memory to a disk that nobody waits for; and
everything from a saved `.blend` to its package, Blender's start included, beside Blender Asset
Tracer with a zip as its target.
""",
        """
What makes it so: the kernel copies the files into the zip (`copy_file_range`), and a second
thread of the worker computes the checksums beside it, which zipfile does one after the other.
Small files are read once and written with their header. Of each file the packer reads the first
bytes, so that nothing is sent that is not what its user reads, and at the end it opens the package:
listing 20,000 small files takes 0.1 ms each, which is why they miss the target. Another program was
running during these measurements; `cp` alone varies by a factor of three between the pairs.
""",
    ),
    "upload": Section(
        "Upload",
        """
One package from memory to nginx on the same machine, which takes it into memory, beside `curl -T`:
on loopback, and over a line of 1 Gbit/s with 30 ms.
""",
        """
A package goes out in pieces of 256 KiB: requests' own 16 KiB make it a third slower than curl.
""",
    ),
    "download": Section(
        "Download",
        """
Frames that nginx on the same machine gives from memory, beside programs that neither look whether a
file is a whole picture nor wait until it is on the disk for good: on loopback, and over a line of
1 Gbit/s with 50 ms. Beside them, in as many threads, the library alone that ours is made on, and
Python's own client alone.
""",
        """
Over a line, which is where frames come from, ours takes as long as curl: the line is the limit,
119 frames of 1 MiB a second. What is missed is loopback, where nothing but the processor is. There
urllib3 alone, which finds the proxy, keeps the connections and trusts the certificates for requests
and for ours, brings half of curl's frames: that is the limit of ours, which is at four fifths of
it, with every checksum compared, every file on the disk and its name in the record. Python's own
http.client would be nearly as fast as curl, and is none of what urllib3 is. Small frames show the
same: Python does one thing at a time, 0.4 ms a frame in urllib3 and 0.3 ms in ours, and threads
only wait for each other. That makes 740 frames of 1 MiB a second, six times what such a line can
bring, and 1,450 of 50 KiB.
""",
    ),
    "growth": Section(
        "Growth",
        """
What each cost does when there are more jobs, frames or files: the slope of a line through its
points on a log-log plot, 0 for flat and 1 for linear. Requests, bytes and memory are counted; what
only computes is measured by its processor time, packing and downloading by the clock too, which
holds what other programs take; all of it lies in memory. Each point is the least of several
runs. How drawing grows is measured in a window, in the section of the main thread.
""",
        """
Records are of jobs of 250 frames, frames that come home have 50 KiB. The worker's memory is what
it holds beyond that without a job, and less than 0.25 MiB counts as that: jobs that are over
stay below it. A message about one job costs the same with ten and with 500 jobs in the list;
only what moves a row puts the list in order anew.
""",
    ),
}
