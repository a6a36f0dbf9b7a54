"""Why a hit was found (命中理由), told from what the engine stored of it; the same for every engine."""

from collections.abc import Iterable, Mapping

from indexer.search.clauses import Clause, Reason
from indexer.search.query import Plan
from indexer.search.ranking import NONE, Likeness
from indexer.text.lookalikes import lookalikes
from indexer.text.sounds import syllables

MOST_SHOWN = 5
"""Parts that one reason quotes."""


def reasons(
    plan: Plan,
    keys: Iterable[str],
    former: Iterable[str],
    answers: Iterable[Clause],
    likeness: Likeness = NONE,
) -> tuple[Reason, ...]:
    """The reasons of one hit, strongest first. `answers`: the clauses that the engine says it answers; `likeness` is that of its name."""
    keys, former = list(keys), list(former)
    answered = {clause.reason: clause.terms[0] for clause in reversed(list(answers))}
    found = _numbers(answered)
    if plan.parts and plan.parts[0] in keys:
        return (Reason("name_exact", "名称完全一致", plan.parts[0]), *found)
    if plan.parts:
        found += _of_the_name(plan.parts, keys, former, likeness)
    if "authority" in answered:
        found.append(Reason("authority", "作出或发布的机关、机构相符"))
    if "text" in answered:
        there = "\n".join(keys + former)
        elsewhere = [word for word in plan.words if word not in there]
        if shown := elsewhere[:MOST_SHOWN]:
            found.append(Reason("text", f"正文含{_quoted(shown)}", "、".join(shown)))
    elif "text_some" in answered and not likeness.how:
        found.append(Reason("text_some", "正文含其中一部分词"))
    return tuple(found)


def _of_the_name(
    parts: tuple[str, ...], keys: list[str], former: list[str], likeness: Likeness
) -> list[Reason]:
    """What of a hit's names answers; `parts` are what was typed, as a whole and its parts."""
    whole, found = parts[0], list[Reason]()
    if whole in former:
        found.append(Reason("former_exact", "曾用名一致", whole))
    elif any(key.startswith(whole) for key in keys):
        found.append(Reason("name_starts", f"名称以“{whole}”开头", whole))
    elif likeness.how == "spelt":
        found.append(Reason("spelt", "拼音相符", whole))
    elif likeness.how == "initials":
        found.append(Reason("initials", "拼音首字母相符", whole))
    elif likeness.how == "core":
        found.append(Reason("name_core", "名称主体相同"))
    elif likeness.how == "near":
        found.append(_near(likeness))
    elif shown := _shared(parts, keys):
        found.append(Reason("name_contains", f"名称含{_quoted(shown)}", "、".join(shown)))
    elif shown := _shared(parts, former):
        found.append(Reason("former_contains", f"曾用名含{_quoted(shown)}", "、".join(shown)))
    if likeness.elsewhere is not None:
        asked, own = likeness.elsewhere
        found.append(Reason("elsewhere", f"地区不同：查的是{asked}，这家在{own}", f"{asked}→{own}"))
    return found


def _near(likeness: Likeness) -> Reason:
    """In what a near name differs, change by change."""
    if not likeness.changes:
        return Reason("name_near", "读音相近")
    told = []
    for typed, stands in likeness.changes[:MOST_SHOWN]:
        if not typed:
            told.append(f"多“{stands}”字")
        elif not stands:
            told.append(f"没有“{typed}”")
        elif syllables(typed) == syllables(stands):
            told.append(f"同音字：{typed}→{stands}")
        elif stands in lookalikes(typed):
            told.append(f"形近字：{typed}→{stands}")
        else:
            told.append(f"不同字：{typed}→{stands}")
    return Reason("name_near", "名称相近：" + "；".join(told), "；".join(told))


def runs(text: str, parts: Iterable[str], least: int = 2) -> list[tuple[int, int]]:
    """Where `text` holds pieces of `parts`: (start, end) of the longest ones from left to right, of `least` characters or more.

    A part of a single character counts where it stands. All texts are keys (see `indexer.text.normalise.key`).
    """
    parts = tuple(parts)
    joined = "\n".join(parts)
    singles = {part for part in parts if len(part) == 1}
    found = []
    at = 0
    while at < len(text):
        end = at + least
        if end <= len(text) and text[at:end] in joined:
            while end < len(text) and text[at : end + 1] in joined:
                end += 1
        elif text[at] in singles:
            end = at + 1
        else:
            at += 1
            continue
        found.append((at, end))
        at = end
    return found


def inside_latin(text: str, start: int, end: int) -> bool:
    """Whether a short piece is only the middle or end of a longer Latin word or number."""
    if end - start > 3:
        return False
    return start > 0 and _latin(text[start - 1]) and _latin(text[start])


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _numbers(answered: Mapping[str, str]) -> list[Reason]:
    if code := answered.get("code_exact"):
        return [Reason("code_exact", _what(code), code)]
    if code := answered.get("code_starts"):
        return [Reason("code_starts", f"编号以“{code}”开头", code)]
    if "number_part" in answered:
        return [Reason("number_part", "文号相符")]
    if "code_alike" in answered:
        return [Reason("code_alike", "编号相近：可能写错了一两个字母或数字")]
    return []


def _what(code: str) -> str:
    """What a number of this form is called (domain.md 1.1–1.3)."""
    if code.isascii() and code.isalnum():
        if len(code) == 18:
            return "统一社会信用代码一致"
        if len(code) == 9:
            return "组织机构代码一致"
        if len(code) == 15 and code.isdigit():
            return "注册号一致"
    return "编号一致"


def _shared(parts: tuple[str, ...], keys: list[str]) -> list[str]:
    """The pieces of the query that stand in one of `keys`; words where a piece is more than a chance pair of characters."""
    best: list[str] = []
    for key in keys:
        whole = (key[start:end] for start, end in runs(key, parts) if not inside_latin(key, start, end))
        pieces = list(dict.fromkeys(whole))
        if sum(map(len, pieces)) > sum(map(len, best)):
            best = pieces
    return best[:MOST_SHOWN]


def _quoted(shown: Iterable[str]) -> str:
    return "".join(f"“{part}”" for part in shown)
