"""Checks a list of bidders from Excel (核查投标人名单) and writes what was found into another workbook.

    python check_bidders.py https://credit.example.cn bidders.xlsx result.xlsx --as-of 2026-03-01

The list may have code, name or both in any columns. The key of the portal, if there is one, stands in ZHIXIN_API_KEY.
"""

import argparse
import os
import sys
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Font

from zhixin_client import Client, File, Problem, ZhixinError
from zhixin_client.models import BidderAnswer, CheckAnswer

STATUS = {"clear": "未见限制", "restricted": "受限", "banned": "禁止"}
CERTAINTY = {
    "exact": "按代码确认",
    "certain": "按名称确认",
    "uncertain": "不能确定，请补充代码",
    "none": "没有找到",
}
LITERAL = ("=", "+", "-", "@")
"""What would make a formula of a cell."""


def main() -> int:
    """Check the list; 0 where it was checked, 1 with a line that says why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portal")
    parser.add_argument("bidders")
    parser.add_argument("result")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day of bid opening; default today")
    given = parser.parse_args()
    try:
        with Client(given.portal, os.environ.get("ZHIXIN_API_KEY"), application="check-bidders") as zhixin:
            check = zhixin.finished(zhixin.ask_check(File.read(given.bidders), as_of=given.as_of))
    except Problem as problem:
        told = [problem.detail, *(f"{each.where}: {each.message}" for each in problem.errors)]
        print("\n".join(told), file=sys.stderr)
        return 1
    except (ZhixinError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    write(check, given.result)
    print(f"{check.summary.bidders} 家，受限 {check.summary.restricted} 家；回执 {check.receipt.number}")
    return 0


def write(check: CheckAnswer, path: str) -> None:
    """A line for each bidder, a column for each domain, and below what the result rests on."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    domains = next(([each.label.zh for each in row.domains] for row in check.bidders if row.domains), [])
    sheet.append(["所填代码", "所填名称", "是谁", "代码", "登记名称", *domains, "原因"])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in check.bidders:
        sheet.append([plain(text) for text in line(row, len(domains))])
    sheet.append([])
    for text in (
        f"核查日期 {check.as_of}，登记库版本 {check.evidence.register_version}，规则版本 {check.evidence.rules_version}",
        f"回执 {check.receipt.number}，可在 {check.receipt.verify} 核验",
        check.notice.zh,
    ):
        sheet.append([text])
    book.save(path)


def line(row: BidderAnswer, domains: int) -> list[str]:
    """What is told of one bidder."""
    reasons = [cause.explanation.zh for domain in row.domains for cause in domain.because]
    candidates = [f"可能是 {each.name}（{each.code}）" for each in row.match.candidates]
    notes = [note.zh for note in (*row.notes, *row.match.notes)]
    return [
        row.id,
        row.name,
        CERTAINTY[row.match.certainty],
        row.match.code or "",
        row.match.name or "",
        *([STATUS[each.status] for each in row.domains] or [""] * domains),
        "\n".join(dict.fromkeys((*reasons, *candidates, *notes))),
    ]


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(LITERAL) else text


if __name__ == "__main__":
    sys.exit(main())
