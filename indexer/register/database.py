"""Connections to SQLite (WAL) or PostgreSQL, the writers' lock and the schema's migration. Drivers' errors end here."""

import fcntl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Dialect, Engine, Select, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from indexer.errors import ServiceUnavailable, ZhixinError

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
WRITERS_LOCK = 0x7A686978696E  # "zhixin": the advisory lock that makes batches serial on PostgreSQL
BUSY_SECONDS = 600  # a writer waits for its turn behind a file of millions of rows
TURN_SECONDS = 10  # somebody at a browser waits for it
TURNS = "zhixin_turns"  # the option of an engine that holds its `_Turns`


class DatabaseUnavailable(ServiceUnavailable):
    """The register's database does not answer."""

    code = "database-unavailable"


class DatabaseBusy(DatabaseUnavailable):
    """SQLite has one writer, and another one is writing for longer than this one can wait."""

    code = "database-busy"


class DatabaseFull(ZhixinError):
    """There is no room left to write; nothing of the transaction was stored."""

    code = "disk-full"


class NotMigrated(ServiceUnavailable):
    """The database has no schema, or one of another release."""

    code = "not-initialised"


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def connect(url: str | URL) -> Engine:
    """An engine for a SQLAlchemy `url` of SQLite or PostgreSQL. Opens nothing yet."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnavailable("数据库地址写法不对。", "The database URL is malformed.") from None
    make = partial(
        create_engine,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        pool_use_lifo=True,  # each connection to SQLite has pages of its own: what one can answer should not fill five
    )
    if parsed.get_backend_name() == "postgresql":
        return make(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = make(parsed, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    turns = _Turns()
    engine.update_execution_options(**{TURNS: turns})
    event.listen(engine, "engine_disposed", turns.drop)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Leave transactions to `reading` and `writing`; readers never wait for the writer (WAL)."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16384",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


_state: ContextVar[Connection | None] = ContextVar("state", default=None)


class _Turns:
    """SQLite answers in microseconds, and lets go of the interpreter a dozen times for that: threads that ask together hand it to and fro each
    time, which takes longer than all they do. So whole answers take turns; and since one connection does for them all it is kept, for
    the way through the pool and back takes longer than a question.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._kept: Connection | None = None

    @contextmanager
    def connection(self, engine: Engine) -> Iterator[Connection]:
        """The connection, for as long as the turn lasts."""
        with self._lock, _told_plainly():
            kept = self._kept = self._kept or engine.connect()
            try:
                yield kept
            except DBAPIError:
                self.drop()  # whatever is wrong with it, the next turn begins with another
                raise

    def drop(self, _engine: Engine | None = None) -> None:
        """Let the connection go."""
        with self._lock:
            if self._kept is not None:
                self._kept.close()
                self._kept = None


def _turns(engine: Engine) -> _Turns | None:
    """How answers take turns; None where they need not."""
    turns: _Turns | None = engine.get_execution_options().get(TURNS)
    return turns


@contextmanager
def one_state(engine: Engine) -> Iterator[None]:
    """All that is read within, in this thread, sees one state of the register. For an answer that reads nothing else, since it keeps a transaction."""
    turns, held = _turns(engine), _state.get()
    if held is not None and held.engine is engine:
        yield
        return
    with reading(engine) if turns is None else turns.connection(engine) as connection:
        driver = connection.connection
        if turns is not None:
            driver.cursor().execute("BEGIN")
        token = _state.set(connection)
        try:
            yield
        finally:
            _state.reset(token)
            if turns is not None:
                connection.rollback()  # what Core thinks that it began
                driver.rollback()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, and sees one state of the register throughout."""
    held = _state.get()
    if held is not None and held.engine is engine:
        yield held
        return
    with _told_plainly(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        else:
            connection.connection.cursor().execute("BEGIN")  # by Core it would take longer than the question
        yield connection


class Prepared:
    """A question that every request asks (whose is this key?): compiled once and put to the driver itself, which halves its time.

    Values are put to the driver as they are, so they are texts and numbers, and lists are no `in_`; what it gives has the types of the statement's columns.
    """

    def __init__(self, dialect: Dialect, statement: Select[*tuple[Any, ...]]) -> None:
        compiled = statement.compile(dialect=dialect)
        columns = statement.selected_columns
        self.names = tuple(columns.keys())
        self._text, self._order = str(compiled), compiled.positiontup
        self._fixed = dict(compiled.params)
        self._errors = dialect.loaded_dbapi.Error
        self._typed = [
            (at, typed)
            for at, column in enumerate(columns)
            if (typed := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        """The rows for some values of the parameters, within a transaction of `reading`."""
        return self._asked(connection.connection.cursor(), values)

    def first(self, engine: Engine, values: Mapping[str, Any]) -> list[Any] | None:
        """The first row, None where there is none; in a transaction of its own, which one row does not need to be told of."""
        if (turns := _turns(engine)) is not None:
            with turns.connection(engine) as connection:
                return next(iter(self.rows(connection, values)), None)
        with _told_plainly(), closing(engine.raw_connection()) as raw:
            return next(iter(self._asked(raw.cursor(), values)), None)

    def _asked(self, cursor: Any, values: Mapping[str, Any]) -> list[list[Any]]:
        given: Any = {**self._fixed, **values}
        if self._order is not None:
            given = [given[name] for name in self._order]
        try:
            cursor.execute(self._text, given)
            rows = [list(row) for row in cursor.fetchall()]
        except self._errors as error:
            raise OperationalError(self._text, None, error) from error
        finally:
            cursor.close()
        for row in rows:
            for at, typed in self._typed:
                row[at] = typed(row[at])
        return rows


@lru_cache(maxsize=64)
def prepared(dialect: Dialect, statement: Select[*tuple[Any, ...]]) -> Prepared:
    """A statement as `dialect` has it. Statements are told apart by what they are, not by what they say: they stand in modules."""
    return Prepared(dialect, statement)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes. One at a time holds the writers' lock, so batches have an order; all or nothing is stored."""
    with _told_plainly(), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
        else:
            # KiB; the indexes of a large batch are written all over
            connection.exec_driver_sql("PRAGMA cache_size=-65536")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def working(engine: Engine) -> Iterator[Connection]:
    """A transaction that works off what others recorded, beside the one that writes. PostgreSQL only: SQLite has one writer."""
    with _told_plainly(), engine.begin() as connection:
        yield connection


@contextmanager
def filing(engine: Engine, patience: int) -> Iterator[Connection]:
    """A short transaction that writes what no batch is about: beside the ingest on PostgreSQL, between two files on SQLite.

    Raises DatabaseBusy where its turn has not come after `patience` seconds.
    """
    with _told_plainly(), engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience * 1000}")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        yield connection


def take_turn(connection: Connection) -> None:
    """Take the writers' lock within a short transaction (`filing`) that makes a batch of its own. Raises DatabaseBusy after `TURN_SECONDS`.

    On SQLite the transaction has it already.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TURN_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")


@contextmanager
def alone(engine: Engine, task: str) -> Iterator[None]:
    """Do what only one process at a time may do; the lock goes with the process. Raises ServiceUnavailable when another does it."""
    if engine.dialect.name == "postgresql":
        with _told_plainly(), engine.connect() as connection:
            connection.detach()  # closed at the end and not kept for others, so the lock ends whatever happens
            number = int.from_bytes(blake2b(task.encode(), digest_size=7).digest())
            if not connection.scalar(select(func.pg_try_advisory_lock(number))):
                raise _occupied(task)
            connection.commit()  # the lock is the session's: no transaction stays open for hours
            try:
                yield
            finally:
                with suppress(
                    DBAPIError
                ):  # a session that is gone holds nothing; one that is closed does for a moment
                    connection.scalar(select(func.pg_advisory_unlock(number)))
        return
    database = engine.url.database
    if not database or database == ":memory:":
        yield
        return
    with Path(f"{database}.{task}-lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _occupied(task) from None
        yield


def _occupied(task: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"另一个进程正在进行同样的工作（{task}），请等它结束后再试。",
        f"Another process is doing the same ({task}); try again when it has finished.",
    )


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn a driver's error into one of ours; its text stays inside."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        if (
            "disk is full" in said
            or "no space left" in said
            or "disk i/o error" in said
            or "could not extend" in said
        ):
            raise DatabaseFull(
                "磁盘空间不足，本次没有写入任何内容。请清理磁盘后重试。",
                "The disk is full; nothing was stored. Free some space and try again.",
            ) from error
        if "no such table" in said or "does not exist" in said or "no such column" in said:
            raise NotMigrated(
                "数据库尚未初始化或版本不符，请先运行 zhixin init。",
                "The database is not initialised, or of another release: run zhixin init.",
            ) from error
        if "database is locked" in said or "lock timeout" in said:
            raise DatabaseBusy(
                "登记库正在入库，暂时不能写入，请稍后再试。",
                "The register is taking in a file and can not be written to now; try again later.",
            ) from error
        if error.connection_invalidated or error.__class__.__name__ == "OperationalError":
            raise DatabaseUnavailable(
                "登记库暂时无法访问，请稍后再试。",
                "The register's database does not answer now; try again later.",
            ) from error
        raise


def migrate(url: str) -> None:
    """Create the schema at `url`, or bring it up to this release. Takes no lock when there is nothing to do."""
    # Loaded only here: a portal that starts, or a command that only reads, need not wait for it.
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    engine = connect(url)
    with reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    engine.dispose()
