"""With TLS and users: the roles that docs/elasticsearch.md gives are enough, less is refused plainly, no secret is told."""

import base64
import json
import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from indexer.comparing import drifts
from indexer.errors import ServiceUnavailable
from indexer.search.elastic.connection import SearchRefused
from indexer.search.failures import SearchUnavailable
from indexer.search.query import Query
from indexer.sync import reindex, sync
from tests import elastic_servers
from tests.elastic_servers import Secured
from tests.faults.service import Service, name_of
from tests.servers import CHECKOUT

WORKER, READER, ONLOOKER = "zhixin_worker", "zhixin_portal", "zhixin_onlooker"
INDEX = "zhixin"  # as the roles in the document name it


def documented_roles() -> dict[str, dict[str, Any]]:
    """The roles in docs/elasticsearch.md, by name."""
    text = (CHECKOUT / "docs" / "elasticsearch.md").read_text(encoding="utf-8")
    found = re.findall(r"PUT _security/role/(\w+)\n```\n```json\n(.*?)```", text, re.DOTALL)
    return {name: json.loads(body) for name, body in found}


@pytest.fixture(scope="module")
def server() -> Iterator[Secured]:
    roles = {name: documented_roles()[name] for name in (WORKER, READER)}
    roles[ONLOOKER] = {"indices": [{"names": ["zhixin*"], "privileges": ["view_index_metadata"]}]}
    with (
        elastic_servers.open_folder() as folder,
        elastic_servers.secured(folder, roles=roles) as server,
    ):
        yield server


@pytest.fixture
def service(server: Secured, register_url: str, tmp_path: Path) -> Iterator[Service]:
    """The service as the worker's role has it, with some certificates recorded."""
    service = as_user(server, WORKER, Service(register_url, tmp_path, []))
    service.take(range(100))
    yield service
    service.close()


def as_user(
    server: Secured, user: str, like: Service, password: str | None = None, ca: bool = True
) -> Service:
    """The same register, its index reached by `user`."""
    login = f"{user}:{password or server.passwords[user]}"
    url = f"https://{login}@{server.url.partition('://')[2]}"
    trusted = {"ZHIXIN_SEARCH_CA": str(server.ca)} if ca else {}
    return Service(like.database_url, like.folder, [url], trusted, INDEX)


def test_the_documented_roles_are_enough_for_everything_and_for_searching_alone(
    server: Secured, service: Service
) -> None:
    said = []
    for command in (["sync"], ["reindex"], ["reindex", "--rollback"], ["doctor"]):
        ended = service.run(*command)
        said.append(ended.out + ended.err)
        assert ended.code == 0, (command, said[-1])
    with service.followers(1) as [follower]:
        service.take(range(50, 150), 发证机构="示例另一认证有限公司")
        service.wait_until_caught_up()
    said.append(follower.said())
    service.assert_index_equals_register()
    known = service.public()
    assert service.engine.search(Query(name_of(1))).hits[0].id == known[name_of(1)]
    assert_no_secret("\n".join(said), server)

    with ExitStack() as closing:
        portal = as_user(server, READER, service)
        closing.callback(portal.close)
        assert portal.engine.ready()
        assert portal.engine.search(Query(name_of(149))).hits[0].id == known[name_of(149)]
        assert portal.engine.suggest(name_of(149))[0].id == known[name_of(149)]
        assert list(drifts(portal.register, portal.engine)) == []
        service.take([200])
        with pytest.raises(SearchRefused):
            sync(portal.register, portal.engine)
        with pytest.raises(SearchRefused):
            reindex(portal.register, portal.engine)
        assert portal.queue.waiting(10) == 1
    sync(service.register, service.engine)
    service.assert_index_equals_register()


@pytest.mark.parametrize("wrong", ["no authority", "no such password", "no right"])
def test_who_is_not_let_in_is_told_plainly_and_no_secret(
    server: Secured, service: Service, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    sync(service.register, service.engine)
    service.take([100])
    match wrong:
        case "no authority":
            kept_out = as_user(server, WORKER, service, ca=False)
            told = "ZHIXIN_SEARCH_CA"
        case "no such password":
            kept_out = as_user(server, WORKER, service, password="no-such-password")
            told = "ZHIXIN_SEARCH_URL"
        case _:
            kept_out = as_user(server, ONLOOKER, service)
            told = "docs/elasticsearch.md"
    said = []
    with caplog.at_level(logging.DEBUG), ExitStack() as closing:
        closing.callback(kept_out.close)
        assert not kept_out.engine.ready()
        for ask in (
            lambda: kept_out.engine.search(Query(name_of(1))),
            lambda: sync(kept_out.register, kept_out.engine),
            lambda: reindex(kept_out.register, kept_out.engine),
        ):
            with pytest.raises(ServiceUnavailable) as refused:
                ask()
            assert isinstance(refused.value, SearchRefused | SearchUnavailable)
            said += [refused.value.zh, refused.value.en]
            assert told in refused.value.zh
            assert told in refused.value.en
        assert kept_out.queue.waiting(10) == 1
    ended = kept_out.run("sync")
    assert ended.code == 1
    [complaint] = [line for line in ended.err.splitlines() if line.startswith("zhixin: ")]
    said.append(complaint)
    assert not re.search(r"Exception|Traceback|security_exception|ssl|9200", " ".join(said))
    assert "Traceback" not in ended.err
    assert_no_secret("\n".join([*said, caplog.text, ended.out, ended.err]), server)


def assert_no_secret(text: str, server: Secured) -> None:
    """No password, nor what stands for it in a header."""
    for user, password in [*server.passwords.items(), (WORKER, "no-such-password")]:
        assert password not in text
        assert base64.b64encode(f"{user}:{password}".encode()).decode() not in text
