"""The page and the API say the same of a subject, read from the finished HTML and JSON: of 300 in CI, of 1,000 with SUBJECTS_COMPARED=1000."""

import html
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer.kinds import kinds
from indexer.settings import Settings
from portal.app import create_app
from portal.context import EXTENSION
from tests.portal.conftest import API

SUBJECTS = int(os.environ.get("SUBJECTS_COMPARED", "300"))
WORDS = {"clear": "未见限制", "restricted": "受限", "banned": "禁止"}
OWN = {name for name, kind in kinds().items() if kind.subject_type is not None}

_tags = re.compile(r"<[^>]+>")
_badge = re.compile(r'<span class="badge[^>]*>.*?</span>', re.DOTALL)
_record = re.compile(r'href="/records/([0-9a-f]{24})"')


@pytest.fixture(scope="module")
def client(demonstration: Path) -> FlaskClient:
    return create_app(Settings(data=demonstration, rate_limits=())).test_client()


@pytest.fixture(scope="module")
def codes(client: FlaskClient) -> list[str]:
    """Subjects from all over the register, those with a story among them."""
    register = client.application.extensions[EXTENSION].register
    found = dict.fromkeys(
        record.subject.code
        for record in register.records_between(0, register.last_version())
        if record.subject is not None
    )
    step = max(1, len(found) // SUBJECTS)
    restricted = [each["uscc"] for each in _pages(client, "/lists/black", 200) if each["uscc"]]
    return list(dict.fromkeys([*restricted, *list(found)[::step], *found]))[:SUBJECTS]


def _pages(client: FlaskClient, path: str, limit: int) -> Iterator[dict[str, Any]]:
    """Everything that a list of the API holds."""
    cursor: dict[str, str] = {}
    while True:
        page = client.get(API + path, query_string={"limit": limit, **cursor}).get_json()
        yield from page["results"]
        if not page["next"]:
            return
        cursor = {"cursor": page["next"]}


def text_of(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(_tags.sub(" ", markup)))


def rows_of(page: str) -> dict[str, str]:
    """The rows of the tables of records, by the record that they lead to."""
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return {found[1]: row for row in rows if (found := _record.search(row))}


def test_page_and_api_hold_the_same_records_in_the_same_state(client: FlaskClient, codes: list[str]) -> None:
    assert len(codes) == SUBJECTS
    seen = Counter[bool]()
    for code in codes:
        file = client.get(f"{API}/subjects/{code}").get_json()
        page = client.get(f"/subjects/{code}").text
        words = text_of(page)
        assert file["subject"]["name"] in words and file["subject"]["id"] in words
        assert all(name in words for name in file["former_names"])
        rows = rows_of(page)
        told = {
            r["id"]: r for kind, each in file["records"].items() if kind not in OWN for r in each["records"]
        }
        assert rows.keys() <= told.keys()
        for kind, each in file["records"].items():
            if kind in OWN:
                continue
            shown = [record["id"] for record in each["records"] if record["id"] in rows]
            assert shown == [record["id"] for record in each["records"]][: len(shown)] and shown, (code, kind)
            assert len(shown) == each["count"] or f"/subjects/{code}?kind={kind}" in page
            assert re.search(rf'href="#{kind}">[^<]*<b>{each["count"]}</b>', page), (code, kind)
        for identity, row in rows.items():
            record = told[identity]
            assert record["number"] is None or record["number"] in text_of(row), (code, row)
            states = [text_of(badge).strip() for badge in _badge.findall(row)]
            if states:  # not every kind's table has a column for it
                assert record["status_label"] in states, (code, row)
            seen[bool(states)] += 1
    assert seen[True] > SUBJECTS / 2 and seen.total() > SUBJECTS


def test_page_and_api_restrict_alike(client: FlaskClient, codes: list[str]) -> None:
    restricted = 0
    for code in codes:
        answer = client.get(f"{API}/restrictions/{code}").get_json()
        page = client.get(f"/restrictions/{code}").text
        assert answer["notice"] in text_of(page) and answer["evidence"]["rules_version"] in page
        sections = {
            found[1]: found[0] for found in re.finditer(r'<section [^>]*id="(\w+)".*?</section>', page, re.S)
        }
        causing = {each["code"] for each in answer["domains"] if each["because"]}
        assert {name for name in sections if name in {d["code"] for d in answer["domains"]}} == causing
        assert ("未见限制" in text_of(page)) is not answer["restricted"] or answer["restricted"]
        for domain in answer["domains"]:
            assert domain["label"] in page
            if domain["because"]:
                restricted += 1
                _same_causes(domain, sections[domain["code"]])
    assert restricted > 50


def _same_causes(domain: dict[str, Any], section: str) -> None:
    causes = section.split('<div class="cause">')[1:]
    assert len(causes) == len(domain["because"])
    head = text_of(section.partition('<div class="cause">')[0])
    assert WORDS[domain["status"]] in head
    for told, shown in zip(domain["because"], causes, strict=True):
        words = text_of(shown)
        assert _record.findall(shown)[0] == told["record"]
        for fact in (told["title"], told["document_number"], told["authority"], told["rule"], told["basis"]):
            assert fact is None or fact in words, (fact, words)
        assert told["explanation"] in words
        for day in (told["from"], told["until"]):
            assert day is None or day in shown
