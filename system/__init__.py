"""Files, locks, processes and the disk: what an operating system gives. No word of jobs.

Used by every process; it imports nothing of this extension.
"""
