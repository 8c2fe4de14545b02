"""Makes Wine behave like an artist's Windows. Python imports this file when it starts.

Wine's os.symlink reports success but makes no link; Windows refuses links with error 1314 to an
artist who is not an administrator.
"""

import os
from typing import Any


def symlink(src: Any, dst: Any, *_: Any, **__: Any) -> None:
    """Raise the error that Windows raises."""
    raise OSError(22, "A required privilege is not held by the client", str(src), 1314, str(dst))


os.symlink = symlink
