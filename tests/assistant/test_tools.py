"""What an assistant gets: the portal's own answers with their sources, read-only, under the portal's limits."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from indexer.clock import Clock
from indexer.demo.stories import BANNED_FOR_LIFE, BLACKLISTED, CLEAN_AAA, SUSPENDED
from indexer.demo.story_facts import certificates_of
from tests.assistant.conftest import Assistant, conversation
from tests.conftest import StartPortal
from tests.portal.conftest import Program
from tests.servers import CHECKOUT

TODAY = Clock().today()
TOOLS = {
    "search_enterprises",
    "credit_file",
    "verify_certificate",
    "restriction_status",
    "list_entries",
    "record_history",
}


def reachable(program: Program, answer: dict[str, Any]) -> None:
    """That an answer names its sources, that each leads to a page, and that it says what it does not mean."""
    sources = answer["sources"]
    assert sources["links"] and "信用中国" in sources["statutory_channels"]
    assert answer["does_not_mean"] and all(answer["does_not_mean"])
    for link in sources["links"]:
        path = link.removeprefix(f"http://{program.host}")
        assert path.startswith("/") and program.fetch(path).status == 200, link


def test_it_offers_read_only_tools_each_with_a_description_and_a_shape(assistant: Assistant) -> None:
    tools = {tool.name: tool for tool in assistant.tools().tools}
    assert tools.keys() == TOOLS
    for tool in tools.values():
        assert tool.description and tool.title and tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint and not tool.annotations.destructive_hint


def test_an_enterprise_is_found_by_name_with_the_code_that_other_tools_take(
    assistant: Assistant, program: Program
) -> None:
    found = assistant.call("search_enterprises", query=CLEAN_AAA.name)
    assert found["certain"] and found["results"][0]["code"] == CLEAN_AAA.code
    assert "Compare the unified code" in " ".join(found["does_not_mean"])
    reachable(program, found)
    assert not assistant.call("search_enterprises", query="示例市恒闰电器有限公司")["certain"]


def test_a_credit_file_says_who_it_is_and_what_is_published(assistant: Assistant, program: Program) -> None:
    file = assistant.call("credit_file", code=CLEAN_AAA.code)
    whole = program.of("/subjects", CLEAN_AAA.code).json
    assert file["subject"]["name"] == CLEAN_AAA.name
    assert {name: kind["count"] for name, kind in file["records"].items()} == {
        name: kind["count"] for name, kind in whole["records"].items()
    }
    assert file["sources"]["register_version"] == whole["evidence"]["register_version"]
    reachable(program, file)


def test_a_certificate_is_verified_as_of_a_day_and_against_its_holder(
    assistant: Assistant, program: Program
) -> None:
    number = certificates_of(SUSPENDED, TODAY)[0].number
    told = assistant.call("verify_certificate", number=number, holder=CLEAN_AAA.name)
    assert told["result"] == "suspended" and told["holder_matches"] is False
    assert told["holders"] == [SUSPENDED.name] and told["as_of"] == TODAY.isoformat()
    reachable(program, told)
    own = assistant.call("verify_certificate", number=number, holder=SUSPENDED.name, as_of="2019-01-01")
    assert (own["holder_matches"], own["result"]) == (True, "not_yet_valid")


def test_a_restriction_is_told_with_its_day_its_facts_and_its_law(
    assistant: Assistant, program: Program
) -> None:
    day = (TODAY - timedelta(days=1)).isoformat()
    told = assistant.call("restriction_status", code=BLACKLISTED.code, as_of=day)
    whole = program.of("/restrictions", BLACKLISTED.code, as_of=day).json
    assert told["restricted"] and told["as_of"] == day
    assert told["domains"] == whole["domains"]
    assert all(cause["basis"] for domain in told["domains"] for cause in domain["because"])
    assert told["sources"]["rules_version"] == whole["evidence"]["rules_version"]
    reachable(program, told)
    one = assistant.call("restriction_status", code=BANNED_FOR_LIFE.code, domain="licensing")
    assert [each["code"] for each in one["domains"]] == ["licensing"]


def test_a_list_and_the_history_of_one_of_its_records(assistant: Assistant, program: Program) -> None:
    told = assistant.call("list_entries", name="black", limit=3)
    assert len(told["entries"]) == 3 and told["more"]
    reachable(program, told)
    history = assistant.call("record_history", record=told["entries"][0]["id"])
    assert history["versions"][0]["change"] == "published"
    assert history["versions"][0]["said"]["title"] == told["entries"][0]["title"]
    reachable(program, history)


def test_what_nobody_has_is_told_with_what_is_near_and_that_it_proves_nothing(assistant: Assistant) -> None:
    wrong = CLEAN_AAA.code[:16] + CLEAN_AAA.code[17] + CLEAN_AAA.code[16]
    said = assistant.fails("credit_file", code=wrong)
    assert CLEAN_AAA.code in said and "does not mean that there is nothing" in said
    said = assistant.fails("verify_certificate", number="从未有过的编号99")
    assert "cx.cnca.cn" in said


def test_arguments_that_can_not_be_are_refused(assistant: Assistant) -> None:
    assert "domain" in assistant.fails("restriction_status", code=CLEAN_AAA.code, domain="nonsense")
    assert "limit" in assistant.fails("list_entries", name="black", limit=51)
    assert "name" in assistant.fails("list_entries", name="green")
    assert "record" in assistant.fails("record_history", record="../subjects")
    assert "can not be asked" in assistant.fails("credit_file", code="..")
    assert "身份证" in assistant.fails("credit_file", code="11010519491231002X")


def test_labels_come_in_the_language_asked_for(program: Program, tmp_path: Path) -> None:
    with conversation(f"http://{program.host}", tmp_path / "mcp.log", "--language", "en") as english:
        told = english.call("restriction_status", code=BLACKLISTED.code, domain="licensing")
    assert told["domains"][0]["label"].isascii()


def test_it_asks_under_the_limits_of_the_portal_and_says_when_to_come_back(
    gunicorn: StartPortal, demonstration: Path, tmp_path: Path
) -> None:
    portal = gunicorn({"ZHIXIN_DATA": str(demonstration), "ZHIXIN_RATE_LIMITS": "2/hour"})
    with conversation(portal.url, tmp_path / "mcp.log") as assistant:
        for _ in range(2):
            assert assistant.call("credit_file", code=CLEAN_AAA.code)
        said = assistant.fails("credit_file", code=CLEAN_AAA.code)
    assert "Ask again after" in said and "seconds" in said


def test_a_portal_that_is_down_is_told_without_a_traceback(tmp_path: Path) -> None:
    with conversation("http://127.0.0.1:9", tmp_path / "mcp.log") as assistant:
        said = assistant.fails("credit_file", code=CLEAN_AAA.code)
    assert "did not answer" in said and "Nothing is known" in said
    assert "Traceback" not in assistant.log.read_text(encoding="utf-8")


def run(*arguments: str, program: str = "") -> "subprocess.CompletedProcess[str]":
    command = ["-c", program, *arguments] if program else ["-m", "portal", "mcp", *arguments]
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'clients' / 'python'}", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_address_that_is_none_is_refused_in_one_line() -> None:
    ended = run("--url", "nonsense")
    assert ended.returncode != 0 and "nonsense" in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_where_the_sdk_is_not_installed_the_command_says_what_to_run() -> None:
    absent = "import sys; sys.modules['mcp'] = None; sys.argv = ['zhixin', 'mcp']; from portal.cli import main; main()"
    ended = run(program=absent)
    assert ended.returncode == 1
    assert "pip install" in ended.stderr and "Traceback" not in ended.stderr and ended.stdout == ""
