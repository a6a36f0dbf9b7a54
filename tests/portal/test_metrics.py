"""/metrics: whom it is told to, what it tells, and that it tells of nobody."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from indexer.register.successes import note_success
from indexer.settings import Settings
from tests.conftest import StartPortal
from tests.portal.conftest import House, Program
from tests.register.conftest import row, uscc

TOKEN = "a-token-of-sixteen-or-more"
HERE = {"REMOTE_ADDR": "127.0.0.1"}


def told(text: str) -> dict[str, float]:
    """Every sample by its name with its labels."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return told(text)[f"{name}{sorted(labels.items())}"]


@pytest.mark.parametrize(
    ("settings", "headers", "environ", "host", "status"),
    [
        ({}, {}, HERE, "localhost", 200),
        ({}, {}, {"REMOTE_ADDR": "::1"}, "[::1]:8000", 200),
        ({}, {}, {"REMOTE_ADDR": "192.0.2.7"}, "localhost", 404),
        ({}, {}, {"REMOTE_ADDR": "10.0.0.7"}, "localhost", 404),
        ({}, {}, HERE, "credit.example.cn", 404),
        ({}, {"X-Forwarded-For": "127.0.0.1"}, HERE, "localhost", 404),
        ({}, {"Forwarded": "for=127.0.0.1"}, HERE, "localhost", 404),
        ({"trusted_proxies": 1}, {}, HERE, "localhost", 404),
        ({"base_url": "https://credit.example.cn"}, {}, HERE, "localhost", 404),
        ({"base_url": "http://127.0.0.1:8000"}, {}, HERE, "127.0.0.1:8000", 200),
        ({"metrics_token": TOKEN}, {}, HERE, "localhost", 404),
        (
            {"metrics_token": TOKEN},
            {"Authorization": f"Bearer {TOKEN}"},
            {"REMOTE_ADDR": "192.0.2.7"},
            "x.cn",
            200,
        ),
        ({"metrics_token": TOKEN}, {"Authorization": f"bearer {TOKEN}"}, HERE, "localhost", 200),
        ({"metrics_token": TOKEN}, {"Authorization": f"Bearer {TOKEN}x"}, HERE, "localhost", 404),
        ({"metrics_token": TOKEN}, {"Authorization": f"Basic {TOKEN}"}, HERE, "localhost", 404),
        ({"metrics_token": TOKEN}, {"Authorization": "Bearer \u00e9"}, HERE, "localhost", 404),
    ],
)
def test_it_is_told_to_whoever_has_the_token_else_to_this_machine_alone(
    open_house: Callable[..., House],
    settings: dict[str, Any],
    headers: dict[str, str],
    environ: dict[str, str],
    host: str,
    status: int,
) -> None:
    house = open_house(**settings)
    answer = house.client.get("/metrics", headers=headers | {"Host": host}, environ_overrides=environ)
    assert answer.status_code == status
    assert ("zhixin_register_up" in answer.text) == (status == 200)
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_tells_the_state_of_register_queues_and_jobs(house: House) -> None:
    house.desk.publish("enterprise", [row(n, f"示例{n}有限公司", uscc(n)) for n in range(3)])
    note_success(house.desk.engine, "sync", house.desk.clock.now())
    note_success(house.desk.engine, "sync", house.desk.clock.now() + timedelta(seconds=30))
    house.desk.clock.instant += timedelta(seconds=90)
    text = house.client.get("/metrics").text
    assert value(text, "zhixin_register_up") == 1
    assert value(text, "zhixin_register_version") == 1
    assert value(text, "zhixin_register_version_age_seconds") == 90
    assert value(text, "zhixin_outbox_waiting") == 3
    assert value(text, "zhixin_outbox_age_seconds") == 60
    assert value(text, "zhixin_letters_waiting") == 0
    synced = value(text, "zhixin_job_last_success_timestamp_seconds", job="sync")
    assert synced == house.desk.clock.now().timestamp() - 60
    house.sync()
    text = house.client.get("/metrics").text
    assert (value(text, "zhixin_outbox_waiting"), value(text, "zhixin_outbox_age_seconds")) == (0, 0)


def test_requests_are_counted_by_route_and_name_nobody(open_house: Callable[..., House]) -> None:
    house = open_house(rate_limits=("3/minute",))
    for path in ("/api/v1/search?q=示例某人", "/no/such/张三", *[f"/subjects/{uscc(77)}"] * 3):
        house.client.get(path)
    text = house.client.get("/metrics", environ_overrides={"REMOTE_ADDR": "::1"}).text
    routes = {
        dict(sample.labels)["route"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "route" in sample.labels
    }
    assert routes <= {rule.rule for rule in house.app.url_map.iter_rules()} | {"none"}
    assert not re.search("示例某人|张三|李四|" + uscc(77), text)
    assert value(text, "zhixin_http_requests_total", route="none", method="GET", status="404") >= 1
    assert value(text, "zhixin_http_requests_total", route="/subjects/<id>", method="GET", status="429") >= 1


def test_a_search_without_its_engine_is_counted(house: House) -> None:
    house.desk.publish("enterprise", [row(2, "示例有限公司", uscc(1))])
    house.sync()
    house.cut_off()
    name, labels = "zhixin_search_degraded_total", {"reason": "failed"}
    before = told(house.client.get("/metrics").text).get(f"{name}{sorted(labels.items())}", 0)
    house.get("/search", q="示例有限公司")
    text = house.client.get("/metrics").text
    assert value(text, name, **labels) == before + 1
    assert value(text, "zhixin_search_up") == 0


def test_any_worker_answers_for_all_and_the_folder_goes_with_gunicorn(
    gunicorn: StartPortal, demonstration: Path, tmp_path: Path
) -> None:
    environ = {"ZHIXIN_DATA": str(demonstration), "TMPDIR": str(tmp_path), "ZHIXIN_METRICS_TOKEN": TOKEN}
    started = gunicorn(environ, workers=2)
    for _ in range(40):
        assert Program(started.url).get("/statistics").status == 200
    text = Program(started.url).fetch("/metrics", {"Authorization": f"Bearer {TOKEN}"}).text
    route = {"route": "/api/v1/statistics"}
    assert value(text, "zhixin_http_requests_total", method="GET", status="200", **route) == 40
    assert value(text, "zhixin_http_request_seconds_count", **route) == 40
    [folder] = tmp_path.glob("zhixin-metrics-*")
    assert list(folder.glob("counter_*.db"))
    started.process.terminate()
    started.process.wait(30)
    assert not folder.exists()


def test_the_token_is_never_shown() -> None:
    settings = Settings(metrics_token=TOKEN)
    assert TOKEN not in repr(settings) and TOKEN not in repr(settings.shown())


def test_whoever_may_read_it_is_not_counted_and_whoever_tries_tokens_is(
    open_house: Callable[..., House],
) -> None:
    house = open_house(rate_limits=("3/hour",), metrics_token=TOKEN)
    right, wrong = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, TOKEN[::-1]))
    for _ in range(5):
        answer = house.client.get("/metrics", headers=right)
        assert answer.status_code == 200 and "RateLimit" not in answer.headers
    statuses = [house.client.get("/metrics", headers=wrong).status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    assert house.client.get("/lists").status_code == 429
    assert house.client.get("/metrics", headers=right).status_code == 200
