"""`zhixin export` (导出): the public records of some kinds as files, or what changed of them since a day. One pass, flat memory."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from indexer.errors import InvalidParameter
from indexer.feed.reading import whole_position
from indexer.opendata.formats import FORMATS, Writer
from indexer.opendata.persons import PERSONS, leaving, of_a_person
from indexer.register.database import reading
from indexer.register.reading import Register
from indexer.register.wholesale import Changed, Wholesale, prefixes

STEPS = 8_000
"""Records that one step of a whole export reads, about."""


@dataclass(slots=True)
class Exported:
    """One file that was written: rows by what became of them, and records left out since they are persons'. `position`: where the change feed
    goes on from a whole export, None while the feed is behind.
    """

    kind: str
    path: Path
    rows: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    left_out: int = 0
    position: str | None = None


def kinds_named(names: Sequence[str]) -> list[str]:
    """The kinds that some names mean, in Chinese or English. Raises InvalidParameter naming those there are."""
    words = {word: name for name, kind in leaving().items() for word in (name, kind.label)}
    chosen = []
    for name in names:
        if name not in words:
            known = "、".join(f"{name}（{kind.label}）" for name, kind in leaving().items())
            about = "从业人员的记录不成批提供。" if name in (PERSONS, "从业人员") else ""
            about_en = "Practitioners' records do not leave in bulk. " if about else ""
            raise InvalidParameter(
                "KIND",
                f"不能导出“{name[:50]}”。{about}可选：{known}。",
                f"There is no kind {name[:50]} to export. {about_en}There are {', '.join(leaving())}.",
            )
        chosen.append(words[name])
    return list(dict.fromkeys(chosen))


def export(
    register: Register,
    names: Sequence[str],
    form: str,
    folder: Path,
    since: date | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Exported]:
    """Write a file of each kind into `folder`, in place of one of that name, once all are whole. `form` is one of `FORMATS`.

    With `since`, of what was added, changed or removed since the beginning of that day in Asia/Shanghai: of what is no longer public the id
    and that, nothing more. Raises InvalidParameter for a day to come, FormatRefused where a format can not hold a record.
    """
    today = register.clock.today()
    if since is not None and since > today:
        raise InvalidParameter("--since", f"{since} 还没有到。", f"{since} is yet to come.")
    folder.mkdir(parents=True, exist_ok=True)
    done = {name: Exported(name, folder / _named(name, form, since)) for name in names}
    with _written_whole([each.path for each in done.values()]) as parts, ExitStack() as open_files:
        writers = {
            each.kind: open_files.enter_context(FORMATS[form](part, each.kind, changes=since is not None))
            for each, part in zip(done.values(), parts, strict=True)
        }
        with reading(register.engine) as connection:
            whole = Wholesale(register, connection)
            position = whole_position(connection, whole.at.day) if since is None else None
            for each in done.values():
                each.position = str(position) if position is not None else None
            found = _all(whole, names) if since is None else whole.changes(since, names)
            for number, change in enumerate(found, 1):
                _write(change, writers[change.kind], done[change.kind], counted=since is not None)
                if number % 1000 == 0:
                    progress(number)
    return list(done.values())


def _all(whole: Wholesale, names: Collection[str]) -> Iterator[Changed]:
    digits = 0
    while whole.count() > STEPS * 16**digits:
        digits += 1
    for prefix in prefixes(digits):
        for record in whole.records(prefix, names):
            yield Changed("added", record.id, record.kind.name, None, record)


def _write(change: Changed, writer: Writer, done: Exported, *, counted: bool) -> None:
    if any(record is not None and of_a_person(record) for record in (change.was, change.now)):
        done.left_out += 1
        return
    writer.write(change)
    done.rows += 1
    if counted:
        setattr(done, change.change, getattr(done, change.change) + 1)


def _named(kind: str, form: str, since: date | None) -> str:
    return f"{kind}-since-{since}.{form}" if since is not None else f"{kind}.{form}"


@contextmanager
def _written_whole(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Names to write under; they become `paths` when the block ends well, and go otherwise."""
    parts = [path.with_name(f".{path.name}.part") for path in paths]
    try:
        yield parts
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
