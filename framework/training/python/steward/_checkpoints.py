"""What a job keeps for its next attempt: whole or not there, and the run's own.

A checkpoint is a folder, written under another name, brought to the disk and renamed. It says which run it belongs to and
has the digest of each of its files: what does not fit is passed over for the one before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Union

#: What a checkpoint may hold: bytes, the path of a file or folder, which is copied, or what JSON can say.
State = Union[bytes, Path, "dict[str, Any]"]

RECORD = "checkpoint.json"
STATE = "state"
PREFIX = "checkpoint-"
#: How many are kept: a younger one that was damaged on the disk leaves an older one to go on from.
KEPT = 2


class Found(NamedTuple):
    """A checkpoint that an earlier attempt has left."""

    number: int
    step: int
    state: State


class Checkpoints:
    """The checkpoints of one run in one folder."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._run = run
        #: The one that this attempt went on from, whose files it may still be reading.
        self._held: int | None = None

    def keep(self, state: bytes | os.PathLike[str] | dict[str, Any], step: int) -> int:
        """Writes a checkpoint and returns its number."""
        number = max([*self._numbers(), 0]) + 1
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=self._folder))
        try:
            kind = _write_state(state, partial / STATE)
            record = {
                "run": self._run,
                "number": number,
                "step": step,
                "kind": kind,
                "files": {path: _digest(partial / path) for path in _list_files(partial)},
            }
            (partial / RECORD).write_text(json.dumps(record), encoding="utf-8")
            _bring_to_disk(partial)
            os.rename(partial, self._locate(number))
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        _sync(self._folder)
        for older in self._numbers()[:-KEPT]:
            if older != self._held:
                shutil.rmtree(self._locate(older), ignore_errors=True)
        return number

    def find(self) -> Found | None:
        """The youngest whole checkpoint of this run."""
        for left in self._folder.glob(".partial-*"):
            shutil.rmtree(left, ignore_errors=True)
        for number in reversed(self._numbers()):
            found = self._read(number)
            if found is not None:
                self._held = number
                return found
        return None

    def _read(self, number: int) -> Found | None:
        folder = self._locate(number)
        try:
            record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            present = {path: _digest(folder / path) for path in _list_files(folder)}
            if record["run"] != self._run or present != record["files"]:
                return None
            return Found(number, int(record["step"]), _read_state(str(record["kind"]), folder / STATE))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _locate(self, number: int) -> Path:
        return self._folder / f"{PREFIX}{number:06d}"

    def _numbers(self) -> list[int]:
        names = [path.name.removeprefix(PREFIX) for path in self._folder.glob(f"{PREFIX}*")]
        return sorted(int(name) for name in names if name.isdecimal())


def _write_state(state: bytes | os.PathLike[str] | dict[str, Any], target: Path) -> str:
    if isinstance(state, bytes):
        target.write_bytes(state)
        return "bytes"
    if isinstance(state, dict):
        _check_json(state, "state")
        target.write_text(json.dumps(state), encoding="utf-8")
        return "json"
    if isinstance(state, (str, os.PathLike)):
        source = Path(state).resolve()
        target.mkdir()
        if source.is_dir():
            shutil.copytree(source, target / source.name)
        else:
            shutil.copyfile(source, target / source.name)
        return "path"
    raise TypeError(
        f"job.checkpoint() got a {type(state).__qualname__}: it takes bytes, the path of a file or folder, or a dict of "
        "what JSON can say"
    )


def _read_state(kind: str, target: Path) -> State:
    if kind == "bytes":
        return target.read_bytes()
    if kind == "json":
        state: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return state
    (path,) = target.iterdir()
    return path


def _check_json(value: Any, at: str) -> None:
    """Refuses what would come back as something else, or not at all."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return
    if isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise TypeError(f"job.checkpoint(): a key of {at} is a {type(key).__qualname__}: write it as a string")
            _check_json(each, f"{at}[{key!r}]")
        return
    if isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            _check_json(each, f"{at}[{index}]")
        return
    raise TypeError(
        f"job.checkpoint(): {at} is a {type(value).__qualname__}, which JSON cannot say: write it to a file and give its path"
    )


def _list_files(folder: Path) -> list[str]:
    """Relative paths of all files but the record, in their order."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path != RECORD)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bring_to_disk(folder: Path) -> None:
    for path in _walk(folder):
        _sync(path)


def _walk(folder: Path) -> Iterator[Path]:
    yield from folder.rglob("*")
    yield folder


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
