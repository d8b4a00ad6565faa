"""What a job has reported, in a file that outlives its attempts: a line that nobody read before its worker was ended is there still.

The same lines as those of a TypeScript trainer.
"""

from __future__ import annotations

import json
import os


class KeptReports:
    """The reports of one attempt. `file` and `attempt` are those of `job.json`."""

    def __init__(self, file: str, attempt: str) -> None:
        self._file = file
        self._attempt = attempt

    def keep(self, step: int, metrics: dict[str, float]) -> bool:
        """Keeps a report, unless it has no metrics. Returns whether it is kept: not on a disk that is full.

        The line is the system's before this returns, and outlives every process; `bring_to_disk` has it outlive the machine.
        """
        if not metrics:
            return False
        line = json.dumps({"attempt": self._attempt, "step": step, "metrics": metrics})
        # On a line of its own, should the last one have been cut off; in one write, so that those of other threads stay whole.
        content = f"\n{line}\n".encode()
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                return os.write(descriptor, content) == len(content)
            finally:
                os.close(descriptor)
        except OSError:
            return False

    def bring_to_disk(self) -> None:
        """Brings what was kept to the disk: a checkpoint must not be there without what was reported before it."""
        try:
            descriptor = os.open(self._file, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
