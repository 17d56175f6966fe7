"""Objects as files below one folder of this machine; what was stored survives a power cut."""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from frontdesk.adapters.blobs_check import take_and_give
from frontdesk.basics.errors import Missing, Rejected, Unavailable
from frontdesk.ports.blobs import BlobHead, check_key

_STAGING = ".staging"  # no key begins a part with a dot
_STALE_FOR_SECONDS = 24 * 3600
_ATTEMPTS = 5
_Result = TypeVar("_Result")


class FileBlobs:
    """The key is the path below `folder`. Plain files rather than obstore's local store, which never syncs to disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, content: bytes, content_type: str) -> str:
        check_key(key)
        return await asyncio.to_thread(_writing, lambda path: self._write(path, content), self._folder / key)

    async def get(self, key: str, limit: int) -> bytes:
        def read(path: Path) -> bytes:
            with path.open("rb") as file:
                return file.read(limit)

        return await self._read(key, read)

    async def head(self, key: str) -> BlobHead:
        return await self._read(key, _head)

    async def delete(self, key: str) -> None:
        with contextlib.suppress(Missing):
            await self._read(key, self._remove)

    async def keys(self, prefix: str) -> list[str]:
        prefix = prefix.rstrip("/")
        if prefix:
            return await self._read(prefix, self._list)
        return await asyncio.to_thread(_reading, self._list, self._folder)

    def upload_url(self, key: str, content_type: str, seconds: int) -> None:
        check_key(key)

    def download_url(self, key: str, seconds: int) -> None:
        check_key(key)

    async def check(self) -> None:
        await take_and_give(self, "The folder of the files")

    async def _read(self, key: str, act: Callable[[Path], _Result]) -> _Result:
        check_key(key)
        return await asyncio.to_thread(_reading, act, self._folder / key)

    def _write(self, path: Path, content: bytes) -> str:
        staging = self._folder / _STAGING
        _make_folder(staging)
        _remove_stale(staging)
        staged = staging / secrets.token_hex(16)
        try:
            made = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(made, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(made)
                head = _head_of(os.fstat(made))
            self._move(staged, path)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
        return head.etag

    def _move(self, staged: Path, path: Path) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                _make_folder(path.parent)
                os.replace(staged, path)
            except FileNotFoundError:
                # Race: a delete removed the folder, empty until now, after we had made it.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        _sync_folder(path.parent)

    def _remove(self, path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError
        path.unlink()
        _sync_folder(path.parent)
        for folder in path.parents:
            if folder == self._folder:
                return
            try:
                folder.rmdir()
            except OSError:  # not empty, or somebody else was faster
                return

    def _list(self, folder: Path) -> list[str]:
        found = []
        for here, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name != _STAGING]
            found += [(Path(here) / name).relative_to(self._folder).as_posix() for name in names]
        return sorted(found)


def _writing(act: Callable[[Path], _Result], path: Path) -> _Result:
    try:
        return act(path)
    except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise Rejected("This key continues another, or another continues it") from error
    except OSError as error:
        raise _unavailable(error) from error


def _reading(act: Callable[[Path], _Result], path: Path) -> _Result:
    try:
        return act(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise Missing("There is no such object") from error
    except OSError as error:
        raise _unavailable(error) from error


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(f"The files cannot be used now: {error.strerror}")


def _head(path: Path) -> BlobHead:
    if path.is_dir():
        raise IsADirectoryError
    return _head_of(path.stat())


def _head_of(found: os.stat_result) -> BlobHead:
    # The inode tells two files apart that were written within one tick of the file system's clock.
    return BlobHead(found.st_size, f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}")


def _make_folder(folder: Path) -> None:
    """Make it with its parents, each durably: a synced file in a lost folder would be lost too."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # removed meanwhile: nothing is left to sync
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _remove_stale(staging: Path) -> None:
    """Remove what dead processes left half written."""
    for entry in _entries(staging):
        with contextlib.suppress(FileNotFoundError):
            if entry.stat().st_mtime < time.time() - _STALE_FOR_SECONDS:
                os.unlink(entry)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from entries
