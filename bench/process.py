"""Runs a command as a user would and says what it cost: seconds, processor seconds, and the memory of its whole process tree."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.25  # seconds between two looks at memory


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost: wall and processor seconds, and the peak of the tree's proportional memory in MB."""

    seconds: float
    cpu: float
    peak_mb: float
    output: str


def python(*arguments: str, environ: Mapping[str, str], until: str = "") -> Cost:
    """Run `python -m …` to its end; raises when it ends badly (3, some rows rejected, is well). With `until`, the seconds are those
    until it says so on its standard error.
    """
    before = os.times()
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=os.environ | dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(child, peak), daemon=True)
    watcher.start()
    errors, said = list[str](), list[float]()

    def listen() -> None:
        assert child.stderr is not None
        for line in child.stderr:
            errors.append(line)
            if until and until in line:
                said.append(time.perf_counter() - started)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert child.stdout is not None
    output = child.stdout.read()
    child.wait()
    seconds = time.perf_counter() - started
    watcher.join()
    listener.join()
    after = os.times()
    if child.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(arguments)} ended with {child.returncode}:\n{''.join(errors)[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(said[0] if until else seconds, cpu, peak[0], output)


def _watch(child: "subprocess.Popen[str]", peak: list[float]) -> None:
    while child.poll() is None:
        peak[0] = max(peak[0], tree_mb(child.pid))
        time.sleep(EVERY)


def tree_mb(pid: int) -> float:
    """The proportional memory of a process and all below it now, in MB."""
    return sum(map(_proportional_mb, _tree(pid)))


def tree_seconds(pid: int) -> float:
    """The processor seconds that a process and all below it have taken."""
    ticks = 0
    for each in _tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def _proportional_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
