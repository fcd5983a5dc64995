"""Files: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from symback.errors import SymbackError


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file in one step: an interrupted or failed write leaves no part of it, and an old file untouched.

    Text is UTF-8 with line feeds. Links stay links, permissions stay, pipes and devices are written to directly.
    Raises SymbackError with the path and the reason.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    name = os.fspath(path)
    temporary = ""
    try:
        if os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name):
            with open(name, "wb") as stream:
                stream.write(data)
            return
        target = Path(os.path.realpath(name))
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except OSError as error:
        raise SymbackError(f"{name}: cannot be written ({error.strerror or error})") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
