"""Every text for people goes through gettext and has its English."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
METHODS = [("portal/**.py", "python"), ("templates/**.html", "jinja2")]
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def texts() -> set[str | tuple[str, ...]]:
    """All message ids that the code and the templates ask for."""
    found = extract_from_dir(ROOT, METHODS, {"**": {}}, DEFAULT_KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if message}


def english() -> dict[str, str]:
    """Message id → English, of plural texts the singular."""
    catalog = ROOT / "portal/translations/en/LC_MESSAGES/messages.po"
    with catalog.open("rb") as file:
        return {_first(message.id): _first(message.string) for message in read_po(file) if message.id}


def _first(text: object) -> str:
    return str(text[0] if isinstance(text, list | tuple) else text or "")


def test_every_text_has_its_english() -> None:
    known = english()
    asked = {_first(text) for text in texts()}
    assert {text for text in asked if not known.get(text)} == set()
    assert set(known) - asked == set(), "no longer asked for: run make i18n"


def test_english_texts_name_the_same_values_and_hold_no_chinese_but_what_is_quoted() -> None:
    for chinese, translated in english().items():
        assert set(re.findall(r"%\(\w+\)s|\{\w+\}", chinese)) == set(
            re.findall(r"%\(\w+\)s|\{\w+\}", translated)
        ), chinese
        assert not CHINESE.search(translated.replace("玩具", "")), translated


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_chinese_outside_gettext(template: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.S)
    outside = re.sub(r"_\('[^']*'", "", source)
    assert CHINESE.findall(outside) == []
