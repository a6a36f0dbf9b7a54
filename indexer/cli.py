"""The command line `zhixin`. A command parses, calls and prints; errors are one line on standard error, never a traceback."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, NoReturn

import click
import orjson
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from indexer.accounts.opening import Accounts
from indexer.clock import Clock
from indexer.collecting import collect_rarely
from indexer.doctor import Complaint, examine
from indexer.errors import ZhixinError
from indexer.ingest import FileReport, Job, ingest, kind_named
from indexer.register.database import connect, migrate
from indexer.register.reading import Register
from indexer.register.withdrawing import withdraw
from indexer.search.opening import open_engine
from indexer.search.protocol import SearchEngine
from indexer.settings import DEMONSTRATION, Settings
from indexer.sources.limits import Limits
from indexer.sync import follow, reindex, restore, sync

CHECKOUT = Path(__file__).parent.parent
GUNICORN = ("--log-level", "warning")  # the rest stands in gunicorn.conf.py
REFUSED = 1
SOME_REJECTED = 3
INTERRUPTED = 130  # as shells report a process ended by Ctrl-C

told = Console(stderr=True, highlight=False, soft_wrap=True)


class App:
    """What the commands share, made when first asked for."""

    clock = Clock()
    examiners: ClassVar[Sequence[Callable[["App"], Sequence[Complaint]]]] = ()
    """What the doctor asks besides; `portal.cli` adds what only the portal knows."""

    @cached_property
    def settings(self) -> Settings:
        return Settings.load()

    @cached_property
    def register(self) -> Register:
        return Register(connect(self.settings.database_url), self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.register.engine, self.clock, self.settings)

    @cached_property
    def search(self) -> SearchEngine:
        return open_engine(self.settings)


class Commands(click.Group):
    """Commands whose errors are told in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ZhixinError as error:
            fail(error)

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run, and end the process. Click would tell of a bad argument in four lines."""
        try:
            code = super().main(*args, **(extra | {"standalone_mode": False}))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"zhixin: {one_line(error.format_message())} (zhixin --help)", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def fail(error: ZhixinError) -> NoReturn:
    """End with one line that says what happened and what to do."""
    click.echo(_said(error), err=True)
    sys.exit(REFUSED)


def _said(error: ZhixinError, about: str = "") -> str:
    return f"zhixin: {about}{one_line(error.zh)} ({one_line(error.en)})"


def one_line(text: str) -> str:
    """`text` without line ends and control characters: messages repeat what stands in files, and terminals obey some of that."""
    return "".join(character if character.isprintable() else " " for character in text)


def counting(label: str) -> tuple[Progress, Any]:
    """A progress line on standard error that shows a growing number."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=told,
        disable=not told.is_terminal,  # in a log the messages are enough
    )
    return progress, progress.add_task(label, total=None)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhixin")
@click.pass_context
def main(ctx: click.Context) -> None:
    """质信: a public credit and certificate lookup portal (质量信用与证书公共查询)."""
    logging.getLogger("elastic_transport").setLevel(
        logging.CRITICAL
    )  # each try with a traceback; we tell it once
    collect_rarely()
    ctx.obj = App()


@main.command()
@click.pass_obj
def init(app: App) -> None:
    """Create the register's database, or migrate it to this release."""
    migrate(app.settings.database_url)
    told.print("登记库已就绪。The register is ready.")


@main.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", help="The record kind, where the columns do not tell (e.g. certificate, 认证证书).")
@click.option("--source", help="Where the files come from, for the record's history (数据来源).")
@click.option("--dry-run", is_flag=True, help="Show what would change; store nothing.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Folder for rejects files; default: beside each file."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON summary on standard output.")
@click.pass_obj
def ingest_command(
    app: App,
    paths: Sequence[Path],
    kind: str | None,
    source: str | None,
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Read files (CSV, XLSX, JSON, JSON Lines, TXT; also .gz and .zip) into the register and queue them for search.

    Ends with 0 when all rows were taken, 3 when some rows were rejected (see the rejects file), 1 when nothing of a file was taken.
    """
    migrate(app.settings.database_url)
    job = Job(
        engine=app.register.engine,
        clock=app.clock,
        limits=Limits(unpacked=app.settings.unpacked_limit),
        kind=kind_named(kind) if kind else None,
        source=source,
        dry_run=dry_run,
        rejects=rejects,
    )
    progress, task = counting("入库 ingest")
    with progress:
        reports = ingest(
            paths, job, lambda path, rows: progress.update(task, description=path, completed=rows)
        )
    for report in reports:
        _tell(report, dry_run)
    if as_json:
        click.echo(orjson.dumps({"files": [_summary(report) for report in reports]}).decode())
    sys.exit(_exit_code(reports))


def _tell(report: FileReport, dry_run: bool) -> None:
    if report.refused is not None:
        name = Path(report.path).name
        named = name.removesuffix(".gz") in report.refused.zh
        click.echo(_said(report.refused, "" if named else f"{one_line(name)}："), err=True)
        return
    batch = f"，批次 {report.batch}" if report.batch else ""
    told.print(
        f"{one_line(report.path)}：{report.kind}，共 {report.rows:,} 行，新增 {report.added:,}，变更 {report.changed:,}，"
        f"未变 {report.unchanged:,}，退回 {report.rejected:,}，用时 {report.seconds:.1f} 秒{batch}"
        + ("（试运行，未写入）" if dry_run else ""),
        markup=False,
    )
    if report.warnings:
        told.print(f"  其中 {report.warnings:,} 行有疑点，已照录并标注。", markup=False)
    if report.rejects_path:
        told.print(f"  退回的行在 {report.rejects_path}，改好后可直接重新入库。", markup=False)
    for difference in report.differences if dry_run else ():
        told.print(f"  第 {difference.line} 行 {difference.name or ''}", markup=False)
        for column, (before, after) in difference.columns.items():
            told.print(f"    {column}：{before} → {after}", markup=False)


def _summary(report: FileReport) -> dict[str, Any]:
    summary: dict[str, Any] = {
        name: getattr(report, name)
        for name in ("path", "kind", "rows", "added", "changed", "unchanged", "rejected", "rejects_path")
    }
    summary["path"] = one_line(report.path)  # a file's name may be no text at all, which JSON can not say
    summary["seconds"] = round(report.seconds, 3)
    summary["batch"] = report.batch
    if report.refused is not None:
        refused = report.refused
        summary["error"] = {"code": refused.code, "zh": one_line(refused.zh), "en": one_line(refused.en)}
    if report.differences:
        summary["differences"] = [asdict(difference) for difference in report.differences]
    return summary


def _exit_code(reports: Sequence[FileReport]) -> int:
    if any(report.refused is not None for report in reports):
        return REFUSED
    if any(report.rows and report.rejected == report.rows for report in reports):
        return REFUSED
    return SOME_REJECTED if any(report.rejected for report in reports) else 0


@main.group()
def batch() -> None:
    """Batches: what one file brought in."""


@batch.command("withdraw")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why, in words that the records' history will show.")
@click.pass_obj
def batch_withdraw(app: App, number: int, reason: str) -> None:
    """Take a whole batch back; what stood before it stands again."""
    tally = withdraw(app.register.engine, app.clock, number, reason)
    told.print(f"批次 {number} 已撤回：{tally.removed:,} 条撤下，{tally.changed:,} 条恢复到此前的内容。")


@batch.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.pass_obj
def batch_list(app: App, limit: int) -> None:
    """The latest batches, newest first."""
    for entry in app.register.batches(limit):
        state = f"，已被批次 {entry.withdrawn_in} 撤回" if entry.withdrawn_in else ""
        click.echo(
            f"{entry.number}\t{entry.recorded_at:%Y-%m-%d %H:%M:%S}Z\t{entry.action}\t{entry.kind or ''}\t{entry.path or ''}\t"
            f"新增 {entry.added} 变更 {entry.changed} 退回 {entry.rejected}{state}"
        )


@main.command("sync")
@click.option("--follow", "following", is_flag=True, help="Keep on following the register until stopped.")
@click.pass_obj
def sync_command(app: App, following: bool) -> None:
    """Bring the search index up with the register."""
    if following:
        _follow(app)
        return
    progress, task = counting("建索引 index")
    with progress:
        done = sync(app.register, app.search, lambda count: progress.update(task, completed=count))
    told.print(f"已同步 {done:,} 条。{done:,} records brought up.")


def _follow(app: App) -> None:
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    parent = os.getppid()
    follow(app.register, app.search, lambda: stopped or os.getppid() != parent)


@main.command("reindex")
@click.option("--rollback", is_flag=True, help="Go back to the index that the last reindex replaced.")
@click.pass_obj
def reindex_command(app: App, rollback: bool) -> None:
    """Build a new search index beside the live one, look at it, then swap; the portal keeps answering."""
    if rollback:
        done = restore(app.register, app.search)
        told.print(
            f"上一代索引已补上 {done:,} 处变化并重新启用。The index before is live again, {done:,} documents brought up."
        )
        _tidy(app.search)
        return
    progress, task = counting("重建索引 reindex")
    with progress:
        done = reindex(app.register, app.search, lambda count: progress.update(task, completed=count))
    told.print(f"新索引已启用，共 {done:,} 条。The new index is live with {done:,} records.")
    _tidy(app.search)


def _tidy(search: SearchEngine) -> None:
    """Have the cluster merge the index that is live now."""
    if search.several_writers:
        told.print(
            "检索集群将在一分钟内开始合并它，使它更小、更快；现在中断也无妨。"
            "The cluster begins to merge it within a minute, which makes it smaller and faster; interrupting does no harm."
        )
    search.tidy()


@main.command()
@click.option("--repair", is_flag=True, help="Bring up what differs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def doctor(app: App, repair: bool, as_json: bool) -> None:
    """Look whether services answer and whether the index holds what the register says, document by document.

    Warns of what makes limits wrong: several processes that count each for itself, proxies. Ends with 0 when all is sound (with --repair: when
    it is now), warnings or not, else with 1.
    """
    progress, task = counting("核对 doctor")
    tell = (lambda drift: None) if as_json else (lambda drift: click.echo(f"{drift.id}\t{drift.what}"))
    with progress:
        found = examine(
            app.register, app.search, app.settings, repair, tell, lambda n: progress.update(task, completed=n)
        )
    told_already = {complaint.code for complaint in found.complaints}
    more = [complaint for ask in app.examiners for complaint in ask(app)]
    found.complaints += [complaint for complaint in more if complaint.code not in told_already]
    if as_json:
        click.echo(orjson.dumps({"sound": found.sound} | asdict(found)).decode())
    else:
        for complaint in found.complaints:
            told.print(f"✗ {complaint.zh}\n  {complaint.en}", markup=False)
        for warning in found.warnings:
            told.print(f"! {warning.zh}\n  {warning.en}", markup=False)
        mended = (f"，已修复 {found.repaired:,} 处", f", {found.repaired:,} mended") if repair else ("", "")
        told.print(
            f"核对了 {found.compared:,} 条公示记录，{found.drifted:,} 处不一致{mended[0]}。"
            f"{found.compared:,} public records compared, {found.drifted:,} differ{mended[1]}.",
            markup=False,
        )
    sys.exit(0 if found.sound else REFUSED)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.pass_obj
def serve(app: App, host: str, port: int, workers: int) -> None:
    """Serve the portal under gunicorn, and do all background work beside it (see `zhixin work`)."""
    app.register.version()  # says at once when the database is not there
    app.accounts.refuse_strangers()
    from indexer.rules.workdays import (
        load_calendar,
    )  # its table takes a while that other commands need not wait

    load_calendar(app.settings.holidays_file)  # says at once what is wrong in it
    _serve(app.settings, host, port, workers)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.pass_obj
def demo(app: App, port: int, host: str) -> None:
    """Make the demonstration register (invented enterprises only) if there is none, then serve it."""
    from indexer.demo.load import load  # half a second that the other commands need not wait
    from indexer.demo.people import PASSWORD, invite
    from indexer.demo.rooms import enliven

    app.settings = app.settings.moved(DEMONSTRATION)  # never beside a real register
    if not app.settings.base_url:
        app.settings = replace(app.settings, base_url=f"http://{host}:{port}")
    register = app.register
    migrate(app.settings.database_url)
    if register.version().number == 0:
        progress, task = counting("生成示例数据 demonstration data")
        with progress, TemporaryDirectory() as folder:
            load(
                Path(folder),
                Job(register.engine, app.clock),
                lambda rows: progress.update(task, completed=rows),
            )
    people = invite(app.accounts)
    enliven(register, app.accounts)
    progress, task = counting("建索引 index")
    with progress:
        sync(register, app.search, lambda count: progress.update(task, completed=count))
    told.print(f"\n  打开 Open  http://{host}:{port}/\n  停止 Stop  Ctrl-C\n")
    told.print(f"  登录 Log in  http://{host}:{port}/login  密码 password: {PASSWORD}", markup=False)
    for mail, words in people:
        told.print(f"    {mail:26} {words}", markup=False)
    told.print("  验证码 codes: zhixin accounts code MAIL\n", markup=False)
    _serve(app.settings, host, port, workers=2)


def _serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Run gunicorn, and beside it the process that does the background work, until either is told to stop or ends."""
    environ = settings.to_environ()
    worker = subprocess.Popen([sys.executable, "-m", "portal", "work"], env=environ)
    gunicorn = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "wsgi:app",
            "--bind",
            f"{host}:{port}",
            "--workers",
            str(workers),
            *GUNICORN,
        ],
        env=environ,
        cwd=CHECKOUT,
    )

    def stop(*_: object) -> None:
        gunicorn.terminate()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    code = gunicorn.wait()
    worker.terminate()
    worker.wait()
    sys.exit(code)
