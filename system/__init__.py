"""Helpers around the operating system: files, locks, processes, disks. They know nothing of jobs.

Every process uses them. They import no other folder of this extension.
"""
