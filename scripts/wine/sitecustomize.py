"""Where Wine's Windows is another one than an artist's. Python imports this file at its start.

Wine's os.symlink says that it has made a link and makes none; Windows refuses an artist who is no
administrator, with error 1314.
"""

import os
from typing import Any


def symlink(src: Any, dst: Any, *_: Any, **__: Any) -> None:
    """Refuse, as Windows does."""
    raise OSError(22, "A required privilege is not held by the client", str(src), 1314, str(dst))


os.symlink = symlink
