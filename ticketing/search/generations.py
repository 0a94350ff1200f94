"""Which of an embedded index's folders is in use: a file CURRENT with its name, replaced atomically."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from pathlib import Path


class Generations:
    """Folders `g…` below one folder. Processes that start at once agree on the first one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current = folder / "CURRENT"
        self._path = str(self._current)
        self._read: tuple[tuple[int, int], str] = ((0, 0), "")  # which file was read last, and the name in it

    def current(self) -> str:
        """The name of the generation in use; made on first use. Raises `OSError`."""
        try:
            return self._named()
        except FileNotFoundError:
            self._first()
            return self._named()

    def _named(self) -> str:
        """The name in CURRENT, which is read again when another file is in its place: every question asks."""
        told = os.stat(self._path)
        stamp = told.st_ino, told.st_mtime_ns
        if self._read[0] != stamp:
            self._read = stamp, self._current.read_text(encoding="utf-8").strip()
        return self._read[1]

    def _first(self) -> None:
        """A folder that was deleted comes back under another name: nobody takes it for the one held open."""
        self.folder.mkdir(parents=True, exist_ok=True)
        made = self._written(self.new())
        with contextlib.suppress(FileExistsError):
            os.link(made, self._current)  # of two processes, one names the generation
        made.unlink()

    def _written(self, name: str) -> Path:
        file = self.folder / f".next-{uuid.uuid4().hex}"
        file.write_text(name, encoding="utf-8")
        return file

    @staticmethod
    def new() -> str:
        return f"g{time.time_ns()}"

    def use(self, name: str) -> None:
        """Puts `name` in place and removes what is older than the one before, which readers may still hold open.

        A newer one stays: another rebuild is writing it.
        """
        before = self.current()
        os.replace(self._written(name), self._current)
        for folder in self.folder.glob("g*"):
            if folder.name != name and _number(folder.name) < _number(before):
                shutil.rmtree(folder, ignore_errors=True)


def _number(name: str) -> int:
    return int(name[1:]) if name[1:].isdigit() else 0
