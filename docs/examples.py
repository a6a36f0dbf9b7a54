"""Makes portal/api/examples.json: what each operation answers about the demonstration register, and how each of its errors reads.

Everything is asked of the portal itself, over a demonstration made for one fixed instant, so the same code makes the same file. What is drawn by
chance (the key and number of a receipt, the milliseconds of a search) is written as something fixed.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, unquote

from flask import Flask
from werkzeug.test import TestResponse

from indexer.clock import FixedClock
from indexer.demo.load import load
from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from indexer.demo.story_facts import certificates_of
from indexer.feed.positions import Position
from indexer.ingest import Job
from indexer.register.database import connect, migrate
from indexer.register.reading import Register
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.settings import Settings
from indexer.sync import sync
from portal.api.operations import OPERATIONS, Operation, blueprint
from portal.app import create_app
from portal.uploads import LARGEST

NOW = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
NOBODY = "postgresql://nobody@127.0.0.1:1/nothing"  # no database listens there
KEY, NUMBER = "example-key-example-key-example-0", "ZX-20261123-222222"
UNKNOWN = {
    "uscc": "91329900MA00000001",
    "restricted": "91329900MA00000001",
    "id": "0" * 24,
    "number": "99926Q99999R9X",
    "key": "no-such-key-no-such-key-no-such-k",
    "receipt": "ZX-20260102-222222",
}
"""For each part that examples may have, something well formed that is not there."""

_wait = re.compile(r"过 \d+ 秒")  # by the clock of the store
_parts = re.compile(r"\{(\w+)\}")
SILENT = "CRITICAL"  # errors are provoked here on purpose
HEADERS = {"X-Request-Id": "example-request"}


def examples_json() -> str:
    """The whole file."""
    with TemporaryDirectory() as folder:
        made = {operation.name: example for operation, example in _examples(Path(folder))}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _examples(folder: Path) -> Iterator[tuple[Operation[Any], dict[str, Any]]]:
    settings = Settings(data=folder, rate_limits=(), log_level=SILENT)
    migrate(settings.database_url)
    engine = connect(settings.database_url)
    load(folder / "files", Job(engine, NOW))
    sync(Register(engine, NOW), EmbeddedEngine(settings.search_folder))
    engine.dispose()
    app = create_app(settings, NOW)
    asking = _Asking(app, folder)
    for operation in OPERATIONS:
        if operation.example:
            yield operation, asking.example(operation)


class _Asking:
    """Asks a portal for examples."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self._app = app
        self._limited = create_app(Settings(data=folder, rate_limits=("1/hour",), log_level=SILENT), NOW)
        self._cut_off = create_app(
            Settings(data=folder, database_url=NOBODY, rate_limits=(), log_level=SILENT), NOW
        )
        check = next(each for each in OPERATIONS if each.name == "ask_check")
        receipt = self._ask(check, check.example).get_json()["receipt"]
        records = self._get(f"/subjects/{CLEAN_AAA.code}/records?kind=certificate&limit=1")
        self._known = {
            "uscc": CLEAN_AAA.code,
            "restricted": BLACKLISTED.code,
            "id": records["results"][0]["id"],
            "number": certificates_of(CLEAN_AAA, NOW.today())[0].number,
            "key": receipt["key"],
            "receipt": receipt["number"],
        }
        self._by_chance = {receipt["key"]: KEY, receipt["number"]: NUMBER}

    def example(self, operation: Operation[Any]) -> dict[str, Any]:
        """A question, its answer, and a question for each error with what is answered to it."""
        target = _parts.sub(lambda part: self._known[part[1]], operation.example)
        answer = self._ask(operation, target)
        if answer.status_code != 200:
            raise RuntimeError(f"{operation.name}: {target} answers {answer.status_code}")
        return {
            "target": self._fixed(target),
            "given": {k: self._fixed(v) for k, v in self._given(operation, target).items()},
            "answer": self._shown(answer),
            "errors": {
                str(status): {"answer": self._shown(refused)}
                for status in sorted(set(operation.errors))
                if (refused := self._refused(operation, target, status)) is not None
            },
        }

    def _refused(self, operation: Operation[Any], target: str, status: int) -> TestResponse | None:
        sign = "&" if "?" in target else "?"
        match status:
            case 400:
                answer = self._ask(operation, f"{target}{sign}colour=red")
            case 404:
                answer = self._ask(operation, _parts.sub(lambda part: UNKNOWN[part[1]], operation.example))
            case 410:
                answer = self._ask(operation, f"{target}{sign}since={Position(1, 1, 1)}")
            case 413 if operation.method == "GET":
                answer = self._ask(operation, f"{target.partition('?')[0]}?q={'示' * 1001}")
            case 413:
                answer = self._ask(operation, target, environ={"CONTENT_LENGTH": str(LARGEST + 1)})
            case 415:
                answer = self._ask(operation, target, media="text/plain")
            case 429:
                self._ask(operation, target, self._limited)
                answer = self._ask(operation, target, self._limited)
            case 503:
                answer = self._ask(operation, target, self._cut_off)
            case _:
                return None
        if answer.status_code != status:
            raise RuntimeError(f"{operation.name}: {answer.status_code} instead of {status}")
        return answer

    def _ask(
        self,
        operation: Operation[Any],
        target: str,
        app: Flask | None = None,
        *,
        media: str = "application/json",
        environ: dict[str, str] | None = None,
    ) -> TestResponse:
        return (
            (app or self._app)
            .test_client()
            .open(
                f"{blueprint.url_prefix}{target}",
                method=operation.method,
                headers=HEADERS,
                environ_overrides=environ or {},
                data=json.dumps(operation.asked) if operation.asked else None,
                content_type=media if operation.asked else None,
            )
        )

    def _get(self, target: str) -> Any:
        return self._app.test_client().get(f"{blueprint.url_prefix}{target}").get_json()

    def _given(self, operation: Operation[Any], target: str) -> dict[str, str]:
        """The arguments of the example by name."""
        path, _, query = target.partition("?")
        found = re.fullmatch(re.sub(r"<(?:path:)?(\w+)>", r"(?P<\1>.+)", operation.path), path)
        assert found is not None
        return {name: unquote(value) for name, value in found.groupdict().items()} | dict(parse_qsl(query))

    def _shown(self, answer: TestResponse) -> Any:
        value = json.loads(self._fixed(answer.text))
        if isinstance(value, dict) and "took_ms" in value:
            value["took_ms"] = 4.2
        if isinstance(value, dict) and "key" in value.get("receipt", ()):  # of a check that was made just now
            value["receipt"] |= {"key": KEY, "number": NUMBER, "verify": f"/verify/{NUMBER}"}
        return value

    def _fixed(self, text: str) -> str:
        for drawn, shown in self._by_chance.items():
            text = text.replace(drawn, shown)
        return _wait.sub("过 60 秒", text)


if __name__ == "__main__":
    sys.stdout.write(examples_json())
