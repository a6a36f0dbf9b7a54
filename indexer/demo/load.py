"""Loads the demonstration data through the same ingest as any file."""

from collections.abc import Callable
from pathlib import Path

from indexer.demo.generate import generate
from indexer.ingest import FileReport, Job, ingest


def load(folder: Path, job: Job, progress: Callable[[int], None] = lambda rows: None) -> list[FileReport]:
    """Generate the files of today into `folder` and take them in, in their order. `progress` gets the rows so far.

    Raises the refusal of a file that was not taken: the demonstration is whole or it is wrong.
    """
    done = 0
    reports: list[FileReport] = []
    for path in generate(folder, job.clock.today()):
        before = done

        def seen(_: str, rows: int, before: int = before) -> None:
            progress(before + rows)

        taken = ingest([path], job, seen)
        for report in taken:
            if report.refused is not None:
                raise report.refused
            done += report.rows
        reports += taken
    return reports
