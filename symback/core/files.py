"""Files: written whole or not at all; archives measured before they are unpacked."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from symback.core.errors import SymbackError

_kept: ContextVar[frozenset[tuple[int, int]]] = ContextVar("_kept", default=frozenset())
"""What the files are, by device and number, that no output may take the place of."""


def keep(*paths: str | None) -> None:
    """Let no output take the place of these files, by whatever name or link it reaches them; what is no file is passed over."""
    found = set(_kept.get())
    for path in paths:
        if path is not None and os.path.isfile(path):
            found.add(_identity(path))
    _kept.set(frozenset(found))


@contextmanager
def keeping() -> Iterator[None]:
    """Forget what is kept when this ends."""
    token = _kept.set(frozenset())
    try:
        yield
    finally:
        _kept.reset(token)


def _identity(path: str | os.PathLike[str]) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file in one step: an interrupted or failed write leaves no part of it, and an old file untouched.

    Text is UTF-8 with line feeds. Links stay links, permissions stay, pipes and devices are written to directly.
    Raises SymbackError with the path and the reason.
    """
    write_together([(path, content)])


def write_together(files: Iterable[tuple[str | os.PathLike[str], str | bytes]]) -> None:
    """Write files that belong together, as a page and its pictures: none takes its place before all are written.

    Otherwise as ``write_whole``.
    """
    waiting: list[tuple[str, str, Path]] = []
    name = ""
    try:
        for path, content in files:
            data = content.encode("utf-8") if isinstance(content, str) else content
            name = os.fspath(path)
            if os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name):
                with open(name, "wb") as stream:
                    stream.write(data)
                continue
            if _kept.get() and os.path.exists(name) and _identity(name) in _kept.get():
                raise SymbackError(f"{name}: is the input itself, which is never overwritten; name another file")
            target = Path(os.path.realpath(name))
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            waiting.append((name, temporary, target))
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(temporary, mode)
        for label, temporary, target in waiting:
            name = label
            os.replace(temporary, target)
    except OSError as error:
        raise SymbackError(f"{name}: cannot be written ({error.strerror or error})") from None
    finally:
        for _, temporary, _ in waiting:
            if os.path.exists(temporary):
                os.unlink(temporary)


def unpacked_size(path: str | os.PathLike[str]) -> int:
    """Return how many bytes a zip archive (an .npz file) says it holds; raises zipfile.BadZipFile for what is none."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
