"""Tells files whose content is in the cloud (OneDrive, Dropbox, iCloud Drive) from those on disk.

Reading one fetches it, which takes long or fails; looking at its name, size and time does not.
"""

import os

OFFLINE, RECALL_ON_DATA_ACCESS = 0x1000, 0x400000
"""Attributes of a file on Windows: not on this disk; fetched when it is read."""
DATALESS = 0x40000000
"""The flag of such a file on macOS, SF_DATALESS."""


def is_online_only(status: os.stat_result) -> bool:
    """Whether reading the file fetches it from elsewhere. It is False on Linux."""
    attributes = getattr(status, "st_file_attributes", 0)
    flags = getattr(status, "st_flags", 0)
    return bool(attributes & (OFFLINE | RECALL_ON_DATA_ACCESS) or flags & DATALESS)
