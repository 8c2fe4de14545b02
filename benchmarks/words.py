"""The text of docs/performance.md around its figures: what each benchmark measures, and why."""

from dataclasses import dataclass

BEGIN = """
# Performance

Does Renderjuice slow Blender down, and how fast does it send and fetch? In short:

- Enabling it adds about 9 ms to Blender's start.
- Drawing its panels usually takes less than 1 ms. While it fetches frames with the sidebar open,
  one in a hundred of your animation's frames takes a little more than 1 ms longer.
- Uploads are as fast as `curl`. So are downloads over a line; on one machine they are slower.
- Packing is two to seventeen times as fast as with Blender Asset Tracer.

`make bench` measures everything here, in turns with what you would use instead, writes the
figures to `build/bench/` and makes this page from them. `make bench QUICK=yes` is a short
version. A ratio compares speeds, ours to theirs: the median of the pairs, with the lowest and the
highest. The figures are from one machine with two cores, and each section names its load: ratios
and counts hold for other machines, seconds do not. Tests hold what does not depend on the machine
(requests, memory, the size of messages, the modules that enabling adds):
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
How much longer Blender takes to start: enabling the extension with its byte code on disk, beside
an empty extension and two of Blender's own.
""",
        """
Nothing for the network, the models or the worker is loaded before it is needed.
""",
    ),
    "main_thread": Section(
        "Blender's main thread",
        """
Do you notice it while you work? Measured in a whole Blender 5.2.2 with a window, drawn by
software. Percentiles are of what the main thread computes, which other programs on the machine do
not lengthen; p99 by the wall clock, beside them, includes those. A frame of the animation
includes all that the extension does in it: timer ticks, drawing the sidebar and the status bar.
""",
        """
The copy for the farm is saved without Blender's preview picture, so it is quicker than a normal
save. It takes a little longer than a save without the picture, because it then checks that the
disk took all of it.

One target is missed: with the sidebar open, one in a hundred frames of the animation has a little
more than 1 ms of ours. In such a frame the worker's message arrives and the panel is redrawn. On
a computer that plays 24 frames a second these fall into two frames; here, at ten a second, not
always. The panel has a hundred labels, buttons and pictures, which take 0.8 ms. The processor's
caches are the limit: reading the scene's thirty settings takes 0.013 ms in a loop, but 0.2 ms
between two frames of the viewport, which has filled those caches. They must be read at each
redraw, because Blender does not tell when a script or a preset has changed a Cycles setting. Half
of all frames have 0.08 ms of ours, beside 6 ms of Blender's own. With the sidebar closed, one in
a hundred has 0.3 ms.
""",
    ),
    "worker": Section(
        "The worker",
        """
The worker is the process beside Blender that sends and fetches: how fast it starts, beside a
Python that imports what it needs, what it does without a job, and its memory. Usually a worker
without a job ends; here it is kept so that we can measure it.
""",
        """
Most of the start is Python's import of requests and pydantic; Blender does not wait for it.
Memory does not grow with jobs that have ended, because each is dropped after it has been looked
at. It grows with the frames of running jobs, whose names and sizes are in their records.
""",
    ),
    "polling": Section(
        "Asking the farm",
        """
How often is the farm asked, and how soon is a frame here? Requests are counted with the real
poller on a simulated clock, with 30 jobs of others in the list, so they are exact. Times are from
the local farm, in real time.
""",
        """
Fifty jobs need no more requests than one: a page of the list, and the counters. 200 jobs need
more pages. The farm is asked every two seconds while something changes, and otherwise less and
less often, down to every 30 seconds. That, and not the transfer, is how long a finished frame
waits.
""",
    ),
    "packing": Section(
        "Packing",
        """
`archive.write` beside tools that copy files, from memory to a disk that nobody waits for. Then
everything from a saved `.blend` to its package, including Blender's start, beside Blender Asset
Tracer with a zip as its target.
""",
        """
It is fast because the kernel copies the files into the zip (`copy_file_range`) while a second
thread computes the checksums; zipfile does one after the other. Small files are read once and
written with their header. The packer also reads the first bytes of each file, so that nothing is
sent that is not what its user reads, and opens the package at the end. Listing 20,000 small files
takes 0.1 ms each, which is why they miss the target. Another program was running during these
measurements; `cp` alone varies by a factor of three between the pairs.
""",
    ),
    "upload": Section(
        "Upload",
        """
One package goes from memory to nginx on the same machine, which keeps it in memory, beside `curl
-T`: on loopback, and over a line of 1 Gbit/s with 30 ms.
""",
        """
A package goes out in pieces of 256 KiB; with requests' own 16 KiB it would be a third slower than
curl.
""",
    ),
    "download": Section(
        "Download",
        """
nginx on the same machine serves frames from memory: on loopback, and over a line of 1 Gbit/s with
50 ms. The other programs neither check whether a file is a whole picture nor wait until it is
safe on disk. Beside them, with as many threads: the library that ours is built on, alone, and
Python's own client, alone.
""",
        """
Over a line, which is where frames come from, ours takes as long as curl: the line is the limit,
119 frames of 1 MiB a second. Ours misses the target on loopback, where only the processor counts.
There, urllib3 alone brings half of curl's frames; it finds the proxy, keeps the connections and
checks the certificates, for requests and for ours. That is our limit, and we reach four fifths of
it, with every checksum compared, every file on disk and its name in the record. Python's own
http.client would be nearly as fast as curl, but does nothing that urllib3 does. Small frames show
the same: Python does one thing at a time, 0.4 ms a frame in urllib3 and 0.3 ms in ours, and
threads only wait for each other. That makes 740 frames of 1 MiB a second, six times what such a
line can bring, and 1,450 of 50 KiB.
""",
    ),
    "growth": Section(
        "Growth",
        """
What happens with more jobs, frames or files? The exponent is the slope of a line through a cost's
points on a log-log plot: 0 is flat, 1 is linear. Requests, bytes and memory are counted.
Computing is measured in processor time; packing and downloading also by the clock, which includes
what other programs take. All files are in memory. Each point is the lowest of several runs. How
drawing grows is measured in a window, under “Blender's main thread”.
""",
        """
Records are of jobs with 250 frames; downloaded frames have 50 KiB. The worker's memory is what it
holds beyond its memory without a job, and anything below 0.25 MiB counts as 0.25 MiB: jobs that
have ended stay below it. A message about one job costs the same with ten and with 500 jobs in the
list; the list is sorted again only if a row moves.
""",
    ),
}
