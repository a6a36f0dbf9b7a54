"""The downloads of /data (数据下载): made by a background job, brought up block by block, never given out with a record that is public no more.

Between a removal and the next run of the job the kind is not given out at all (`Downloads.ready` raises); an addition shows within a minute.
Each set names a position of the change feed, from which a mirror that began with the set goes on without a gap; none while the feed is behind.
"""

import csv
import gzip
import hashlib
import io
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from indexer.errors import NotFound, ServiceUnavailable
from indexer.feed.positions import Position
from indexer.feed.reading import Changes, whole_position
from indexer.opendata.manifest import FORMATS, Block, Manifest, Piece, Shelf, Whole
from indexer.opendata.persons import leaving, of_a_person
from indexer.opendata.rows import as_json, cells, header, line
from indexer.register.database import alone, reading
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.register.versions import RegisterVersion
from indexer.register.wholesale import Wholesale, looking, prefixes

REST = timedelta(minutes=1)
"""What was added or changed waits so long for the next run; what was removed does not."""

LATE = timedelta(minutes=10)
"""The register has gone on for so long and the downloads have not: nobody seems to do the job."""

GRACE = timedelta(hours=2)
"""A file that is no longer named stays so long, for downloads that have begun."""

BLOCK = 6000
"""Versions that a block is of, at most about; ids are cut by as many digits as that takes."""

MOST_DIGITS = 3
"""4,096 blocks of each kind: more would make the manifest longer than the blocks are short."""

LEVEL = 6  # of gzip


class BeingUpdated(ServiceUnavailable):
    """A record was removed since the downloads of its kind were made; they are back in a moment."""

    code = "downloads-updating"

    def __init__(self) -> None:
        super().__init__(
            "有记录刚刚撤下或不再公示，下载文件正在更新，请一分钟后再取。",
            "A record has just been withdrawn or is public no more; the file is being made anew: come back in a minute.",
        )


@dataclass(slots=True)
class _Making:
    """One block as it is made."""

    records: int = 0
    left_out: int = 0
    csv: io.StringIO = field(default_factory=io.StringIO)
    lines: list[bytes] = field(default_factory=list)

    def add(self, record: PublicRecord) -> None:
        if of_a_person(record):
            self.left_out += 1
            return
        self.records += 1
        csv.writer(self.csv).writerow(cells(record))
        self.lines.append(line(as_json(record)))

    def contents(self) -> dict[str, bytes]:
        return {"csv": self.csv.getvalue().encode(), "jsonl": b"".join(self.lines)}


class Downloads:
    """The downloads of one register in one folder, which all machines share that make or serve them."""

    def __init__(self, register: Register, folder: Path, block: int = BLOCK) -> None:
        self.register, self.block = register, block
        self.shelf, self._changes = Shelf(folder), Changes(register)
        self._lock = threading.Lock()
        self._gone: tuple[tuple[RegisterVersion, datetime, RegisterVersion, object], set[str]] | None = None

    def current(self) -> Manifest:
        """The set that there is. Raises ServiceUnavailable where none was made yet."""
        manifest = self.shelf.manifest()
        if manifest is None:
            raise ServiceUnavailable(
                "下载文件正在准备，请过几分钟再来。",
                "The downloads are being prepared; come back in some minutes.",
            )
        return manifest

    def ready(self, kind: str, form: str) -> tuple[Manifest, Whole, list[Piece]]:
        """What a download is made of now. Raises NotFound, BeingUpdated, ServiceUnavailable."""
        if kind not in leaving() or form not in FORMATS:
            raise NotFound("没有这个下载文件。", "There is no such download.")
        manifest = self.current()
        if kind in self.stale(manifest):
            raise BeingUpdated
        whole = manifest.kinds[kind]
        return manifest, whole, whole.pieces(form)

    def stale(self, manifest: Manifest) -> set[str]:
        """The kinds of which the set still has a record that the public may not see any more. Asked of the register once for each state of it."""
        version, today = self.register.version(), self.register.clock.today()
        asked = (manifest.at.version, manifest.at.instant, version, today)
        with self._lock:
            if self._gone is None or self._gone[0] != asked:
                if (version, today) == (manifest.at.version, manifest.at.day):
                    found: set[str] = set()
                else:
                    with looking(self.register) as whole:
                        found = whole.gone(manifest.at) if whole.knows(manifest.at) else set(leaving())
                self._gone = (asked, found)
            return self._gone[1]

    def late(self, manifest: Manifest) -> bool:
        """Whether the register has long gone on without the downloads."""
        with looking(self.register) as whole:
            gone_on = whole.next_after(manifest.at)
        return gone_on is not None and gone_on < self.register.clock.now() - LATE

    def refresh(self) -> int:
        """Bring the downloads up where that is due; gives how many records were written. One process at a time does.

        Raises ServiceUnavailable where another does.
        """
        before = self.shelf.manifest()
        if before is not None and not self._due(before):
            return 0
        with alone(self.register.engine, "downloads"):
            before = self.shelf.manifest()
            with reading(self.register.engine) as connection:
                whole = Wholesale(self.register, connection)
                position = whole_position(connection, whole.at.day)
                done, manifest = self._brought_up(whole, before, position)
            self.shelf.swap(manifest)
        return done

    def _due(self, manifest: Manifest) -> bool:
        if self.stale(manifest) or self._may_be_followed(manifest):
            return True
        now, today = self.register.clock.now(), self.register.clock.today()
        if manifest.age(now) < REST and today == manifest.at.day:
            return False
        if (self.register.version(), today) != (manifest.at.version, manifest.at.day):
            return True
        with looking(self.register) as whole:
            return bool(whole.touched(manifest.at, 1))

    def _may_be_followed(self, manifest: Manifest) -> bool:
        """Whether nobody can go on from the position (there is none, or the feed has begun anew since), and now there would be one."""
        if manifest.position is not None:
            epoch = Position.read(manifest.position).epoch
            if epoch == self._changes.newest().epoch:
                return False
        with reading(self.register.engine) as connection:
            return whole_position(connection, self.register.clock.today()) is not None

    def _brought_up(
        self, whole: Wholesale, before: Manifest | None, position: Position | None
    ) -> tuple[int, Manifest]:
        digits = self._digits(whole.count())
        if before is None or before.digits != digits or not whole.knows(before.at):
            before, stale = None, set(prefixes(digits))
        else:
            stale = whole.touched(before.at, digits) | self._lost(before)
        blocks: dict[str, dict[str, Block]] = {
            name: dict(before.kinds[name].blocks) if before and name in before.kinds else {}
            for name in leaving()
        }
        done = 0
        for prefix in sorted(stale):
            made = self._made(whole, prefix)
            for name in leaving():
                blocks[name].pop(prefix, None)
            blocks_here = {name: self._stored(name, prefix, block) for name, block in made.items()}
            for name, block in blocks_here.items():
                blocks[name][prefix] = block
                done += block.records
        kinds = {name: self._whole(name, of, before) for name, of in blocks.items()}
        manifest = Manifest(whole.at, digits, kinds)
        retired = self._retired(before, manifest)
        return done, Manifest(whole.at, digits, kinds, retired, position=str(position) if position else None)

    def _digits(self, count: int) -> int:
        """By how many digits ids are cut in a register of so many versions; it never falls as the register grows."""
        digits = 0
        while digits < MOST_DIGITS and count > self.block * 16**digits:
            digits += 1
        return digits

    def _made(self, whole: Wholesale, prefix: str) -> dict[str, _Making]:
        made: dict[str, _Making] = defaultdict(_Making)
        for record in whole.records(prefix, leaving()):
            made[record.kind.name].add(record)
        return made

    def _stored(self, kind: str, prefix: str, made: _Making) -> Block:
        contents = made.contents() if made.records else {}
        pieces = {form: self._put(kind, prefix, form, contents.get(form, b"")) for form in FORMATS}
        return Block(made.records, made.left_out, pieces)

    def _put(self, kind: str, prefix: str, form: str, content: bytes) -> Piece:
        """Keep a block under a name made from its content; one that is there already is the same."""
        packed = gzip.compress(content, LEVEL, mtime=0)
        digest = hashlib.blake2b(packed, digest_size=10).hexdigest()
        piece = Piece(f"{kind}/{prefix}-{digest}.{form}.gz", len(packed))
        if not self.shelf.has(piece):
            path = self.shelf.path(piece)
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.part")
            fresh.write_bytes(packed)
            fresh.replace(path)
        return piece

    def _whole(self, kind: str, blocks: dict[str, Block], before: Manifest | None) -> Whole:
        head = io.StringIO()
        csv.writer(head).writerow(header(kind))
        # JSON Lines have no header; but a file of no bytes, as of a kind without records, is no gzip file.
        begins = {"csv": head.getvalue().encode("utf-8-sig"), "jsonl": b""}
        heads = {form: self._put(kind, "head", form, begins[form]) for form in FORMATS}
        made = Whole(heads, blocks, {})
        known = before.kinds.get(kind) if before is not None else None
        hashes = {
            form: known.sha256[form]
            if known is not None and known.pieces(form) == made.pieces(form)
            else self._hashed(made.pieces(form))
            for form in FORMATS
        }
        return Whole(heads, blocks, hashes)

    def _hashed(self, pieces: Iterable[Piece]) -> str:
        hashed = hashlib.sha256()
        for piece in pieces:
            hashed.update(self.shelf.path(piece).read_bytes())
        return hashed.hexdigest()

    def _lost(self, manifest: Manifest) -> set[str]:
        """The beginnings of ids of which a file is gone or cut off: a disk that was full, a folder that was tidied."""
        return {
            prefix
            for whole in manifest.kinds.values()
            for prefix, block in whole.blocks.items()
            if not all(self.shelf.has(piece) for piece in block.pieces.values())
        }

    def _retired(self, before: Manifest | None, after: Manifest) -> dict[str, datetime]:
        """The files that are no longer named, those from long ago removed."""
        kept, now = after.names(), after.at.instant
        retired = dict(before.retired) if before is not None else self._strangers()
        for name in before.names() if before is not None else ():
            retired.setdefault(name, now)
        for name in [name for name, since in retired.items() if name not in kept and since < now - GRACE]:
            (self.shelf.folder / name).unlink(missing_ok=True)
            del retired[name]
        return {name: since for name, since in retired.items() if name not in kept}

    def _strangers(self) -> dict[str, datetime]:
        """What stands in the folder though no manifest names it: of another release, or of a run that was killed."""
        now = self.register.clock.now()
        return {
            str(path.relative_to(self.shelf.folder)): now for path in sorted(self.shelf.folder.glob("*/*.gz"))
        }
