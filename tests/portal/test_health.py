"""Health: alive while the process lives, ready while the register answers; without an index search is degraded."""

import socket
from collections.abc import Callable
from pathlib import Path

from portal.context import EXTENSION
from tests.conftest import StartPortal
from tests.portal.conftest import House, Program
from tests.register.conftest import row, uscc


def test_a_portal_with_register_and_index_is_alive_and_ready(program: Program) -> None:
    assert program.fetch("/healthz").json == {"status": "ok"}
    ready = program.fetch("/readyz")
    assert ready.status == 200
    assert ready.json == {"register": "ok", "search": "ok"}


def test_a_portal_without_a_database_is_alive_and_not_ready(gunicorn: StartPortal) -> None:
    bare = Program(gunicorn({}).url)
    assert bare.fetch("/healthz").status == 200
    ready = bare.fetch("/readyz")
    assert ready.status == 503
    assert ready.json == {"register": "down", "search": "down"}


def test_a_question_to_a_portal_without_a_database_is_503_and_says_what_to_do(gunicorn: StartPortal) -> None:
    bare = Program(gunicorn({}).url)
    for path in ("/subjects/91329900PDY0010126", "/certificates/1234567", "/lists/black", "/search?q=a"):
        reply = bare.get(path)
        assert reply.status == 503, path
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.json["detail"]


def test_a_missing_index_degrades_search_and_leaves_the_portal_ready(house: House) -> None:
    ready = house.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json() == {"register": "ok", "search": "degraded"}
    assert house.get("/search", q="a")["degraded"] is True
    assert house.client.get("/api/v1/lists/black").status_code == 200


def test_an_index_that_vanishes_is_noticed_and_one_that_comes_back_too(house: House) -> None:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    house.sync()
    assert house.client.get("/readyz").get_json()["search"] == "ok"
    house.cut_off()
    assert house.client.get("/readyz").get_json()["search"] == "degraded"
    assert house.get("/search", q="示例甲")["degraded"] is True
    house.reindex()
    assert house.client.get("/readyz").get_json()["search"] == "ok"
    assert house.get("/search", q="示例甲")["degraded"] is False


def test_an_engine_that_hangs_holds_readiness_up_for_a_moment_only(open_house: Callable[..., House]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never says a word
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        house = open_house(search_url=address, search_timeout=60)  # longer than the test may take
        for _ in range(3):
            ready = house.client.get("/readyz")
            assert (ready.status_code, ready.get_json()["search"]) == (200, "degraded")


def test_the_database_file_gone_makes_the_portal_unready(house: House) -> None:
    register = house.app.extensions[EXTENSION].register
    assert house.client.get("/readyz").get_json()["register"] == "ok"
    file = Path(register.engine.url.database)
    register.engine.dispose()
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    assert house.client.get("/readyz").get_json()["register"] == "down"
    assert house.client.get("/api/v1/lists/black").status_code == 503
