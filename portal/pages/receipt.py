"""Confirming a receipt (核验回执): that a check with this number exists, when and by what it was made; nothing of whom it is about."""

import segno
from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.errors import NotFound
from portal.api.check_views import find_receipt
from portal.context import portal
from portal.i18n import english
from portal.pages.components import Link
from portal.pages.frame import instant


def verify_url(number: str) -> str:
    """The address at which anybody can confirm a receipt, whole, as it stands on paper and in the QR code."""
    base = portal().settings.base_url or request.url_root
    return base.rstrip("/") + url_for("pages.verify", number=number)


def qr(number: str) -> str:
    """The QR code of that address as SVG. Level M: a fold or a stamp over a seventh of it does no harm."""
    code = segno.make(verify_url(number), error="m", micro=False)
    return str(code.svg_inline(border=2, light="#fff", svgclass="qr", lineclass=None, omitsize=True))


def receipt_page(number: str) -> str | tuple[str, int]:
    """The page behind the QR code."""
    crumbs = [Link(_("首页"), url_for("pages.home")), Link(_("查证书"), url_for("pages.verify_form"))]
    try:
        receipt = find_receipt(number)
    except NotFound as error:
        page = render_template(
            "receipt.html",
            number=number,
            receipt=None,
            why=error.en if english() else error.zh,
            crumbs=crumbs,
        )
        return page, 404
    return render_template(
        "receipt.html",
        number=receipt.number,
        receipt=receipt,
        made_at=instant(receipt.created_at),
        why="",
        crumbs=crumbs,
    )
