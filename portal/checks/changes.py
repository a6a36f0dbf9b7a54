"""What is different when a check is run again (再次核查的变化): bidder by bidder, in words that say before and after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Plain = dict[str, Any]

What = Literal["match", "domain", "requirement", "honours"]

_STATUS = {"clear": ("无限制", "clear"), "restricted": ("受限", "restricted"), "banned": ("禁止", "banned")}
_MET = {"met": ("符合", "met"), "not_met": ("不符合", "not met"), "unknown": ("无法判断", "not known")}
_CERTAINTY = {
    "exact": ("代码一致", "by code"),
    "certain": ("名称唯一对应", "by name"),
    "uncertain": ("不能确定", "uncertain"),
    "none": ("没有找到", "not found"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A state in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of which row, in what, and which one of these (a domain's code, a requirement's number from 1, or "")."""

    row: int
    name: str
    what: What
    which: str
    label: Said
    before: Said
    after: Said


def changes(before: Iterable[Plain], after: Iterable[Plain]) -> list[Change]:
    """All differences of two answers to the same question, `bidders` of `plain.as_json` both."""
    return [change for old, new in zip(before, after, strict=True) for change in _of_bidder(old, new)]


def _of_bidder(old: Plain, new: Plain) -> Iterator[Change]:
    row, name = new["row"], new["match"]["name"] or new["name"] or new["id"]
    was, now = _match(old), _match(new)
    if was != now:
        yield Change(row, name, "match", "", Said("识别结果", "Match"), was, now)
    was_in, is_in = ({each["code"]: each for each in side["domains"]} for side in (old, new))
    for code in dict.fromkeys((*was_in, *is_in)):
        one, other = was_in.get(code), is_in.get(code)
        if _core(one) != _core(other):
            label = (other or one or {})["label"]
            yield Change(
                row, name, "domain", code, Said(label["zh"], label["en"]), _standing(one), _standing(other)
            )
    for number, (one, other) in enumerate(zip(old["requirements"], new["requirements"], strict=True), 1):
        if (one["met"], one["record"], one["reason"]) != (other["met"], other["record"], other["reason"]):
            label = Said(f"证书要求 {number}", f"Requirement {number}")
            yield Change(row, name, "requirement", str(number), label, _cell(one), _cell(other))
    if {each["record"] for each in old["honours"]} != {each["record"] for each in new["honours"]}:
        yield Change(
            row, name, "honours", "", Said("正面信息", "Positive facts"), _honours(old), _honours(new)
        )


def _core(domain: Plain | None) -> object:
    """What makes two answers about a domain the same: a sentence that is worded better is no change."""
    if domain is None:
        return None
    because = sorted((each["record"], each["rule"], each["until"] or "") for each in domain["because"])
    return domain["status"], domain["until"], because


def _match(bidder: Plain) -> Said:
    match = bidder["match"]
    zh, en = _CERTAINTY[match["certainty"]]
    who = f"{match['name']} {match['code']}" if match["code"] else ""
    return Said(f"{zh}：{who}" if who else zh, f"{en}: {who}" if who else en)


def _standing(domain: Plain | None) -> Said:
    if domain is None:
        return Said("未核查", "not checked")
    zh, en = _STATUS[domain["status"]]
    until = domain["until"]
    titles = "、".join(dict.fromkeys(each["title"] for each in domain["because"]))
    return Said(
        f"{zh}{f'，至 {until}' if until else ''}{f'（{titles}）' if titles else ''}",
        f"{en}{f', until {until}' if until else ''}{f' ({titles})' if titles else ''}",
    )


def _cell(cell: Plain) -> Said:
    zh, en = _MET[cell["met"]]
    told = cell["explanation"]
    return Said(f"{zh}：{told['zh']}", f"{en}: {told['en']}")


def _honours(bidder: Plain) -> Said:
    titles = "、".join(each["title"] for each in bidder["honours"])
    return Said(titles or "无", titles or "none")
