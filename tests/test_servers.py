"""Each server that tests rest on really answers."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from redis import Redis
from sqlalchemy import inspect, text

from indexer.register.database import connect
from tests import servers


def test_an_empty_database_answers_and_has_no_tables(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def test_a_migrated_database_has_the_schema_and_no_versions(migrated_database: str) -> None:
    engine = connect(migrated_database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM version")).scalar() == 0
    engine.dispose()


def test_databases_are_apart_from_each_other(databases: servers.Databases, backend: str) -> None:
    with databases.fresh(backend, migrated=False) as one, databases.fresh(backend, migrated=False) as other:
        for url in (one, other):
            engine = connect(url)
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE mine (n int)"))
            engine.dispose()


def test_postgresql_is_the_real_server(postgresql: servers.PostgreSQL) -> None:
    engine = connect(postgresql.url("postgres"))
    with engine.connect() as connection:
        assert str(connection.execute(text("SELECT version()")).scalar()).startswith("PostgreSQL")
    engine.dispose()


def test_valkey_keeps_what_it_is_told(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("质信", "1")
        assert client.get("质信") == b"1"


def test_the_browser_shows_chinese(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content("<h1>质信</h1>")
        assert page.get_by_role("heading").inner_text() == "质信"


def test_a_portal_that_can_not_start_is_an_error_that_shows_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"ZHIXIN_LOG_LEVEL": "loud"}
    with pytest.raises(RuntimeError, match="ended with 3"), servers.portal(wrong, tmp_path / "log"):
        pass
    assert "ZHIXIN_LOG_LEVEL 'loud'" in capsys.readouterr().out
