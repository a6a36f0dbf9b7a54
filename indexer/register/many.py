"""Many subjects at once (成批查询): their credit files by codes, names or ids, with a few statements however many there are.

Everything is as of one day and as known in one version of the register, so that a check which takes a minute speaks of one state.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection

from indexer.identifiers import Codes
from indexer.register.database import reading
from indexer.register.reading import CreditFile, Register
from indexer.register.subjects import SubjectRow, subjects_by_each, subjects_named
from indexer.register.versions import RegisterVersion, chains_by_subject

MOST_AT_ONCE = 1000
"""Codes, names or subjects that one statement is asked for; longer lists are cut."""

MOST_HOLDERS = 20
"""Subjects of one name whose files are read: more than two are as good as none, nobody can be taken for the one that is meant."""


class ManySubjects:
    """Credit files as of the day `as_of` and as known in the version `known`; a subject without a public record then has none."""

    def __init__(self, register: Register, as_of: date, known: RegisterVersion) -> None:
        self.register = register
        self.as_of = as_of
        self.known = known

    def by_codes(self, codes: Sequence[Codes]) -> list[tuple[CreditFile, ...]]:
        """For each of `codes` what `Register.credit_file` gives: none, one, or more where a code was given out twice."""
        found: list[tuple[CreditFile, ...]] = []
        for start in range(0, len(codes), MOST_AT_ONCE):
            with reading(self.register.engine) as connection:
                meant = subjects_by_each(connection, codes[start : start + MOST_AT_ONCE])
                files = self._files(connection, {row.id for rows in meant for row in rows})
            found += [tuple(files[row.id] for row in rows if row.id in files) for rows in meant]
        return found

    def by_names(self, names: Collection[str]) -> dict[str, tuple[CreditFile, ...]]:
        """The files of the subjects that are called exactly so now, by that name; at most `MOST_HOLDERS` of each.

        What they were called in the version `known` stands in the file, and may be another name.
        """
        found: dict[str, tuple[CreditFile, ...]] = {}
        wanted = list(dict.fromkeys(names))
        for start in range(0, len(wanted), MOST_AT_ONCE):
            with reading(self.register.engine) as connection:
                holders: dict[str, list[SubjectRow]] = defaultdict(list)
                for row in subjects_named(connection, wanted[start : start + MOST_AT_ONCE]):
                    if len(holders[row.name]) < MOST_HOLDERS:
                        holders[row.name].append(row)
                files = self._files(connection, {row.id for rows in holders.values() for row in rows})
            for name, rows in holders.items():
                if held := tuple(files[row.id] for row in rows if row.id in files):
                    found[name] = held
        return found

    def by_ids(self, subjects: Collection[int]) -> dict[int, CreditFile]:
        """The files of some subjects by their id in the register."""
        with reading(self.register.engine) as connection:
            return self._files(connection, subjects)

    def _files(self, connection: Connection, subjects: Collection[int]) -> dict[int, CreditFile]:
        ids, files = list(subjects), {}
        for start in range(0, len(ids), MOST_AT_ONCE):
            of_each = chains_by_subject(connection, ids[start : start + MOST_AT_ONCE])
            for own, chains in of_each.items():
                if (file := self.register.file_of(chains, self.as_of, self.known)) is not None:
                    files[own] = file
        return files
