"""The preview of a subject: the one page that others may show inside theirs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser

from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from tests.portal.conftest import House, Program, program
from tests.reconciliation.conftest import LISTED
from tests.reconciliation.protocol import Client
from tests.register.conftest import row, uscc

__all__ = ["program"]


@contextmanager
def page_of_another_site(html: str) -> Iterator[str]:
    """A page at an address of its own; gives the address."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True  # a browser opens connections that it never uses
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"  # another port is another origin
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def test_it_may_be_framed_by_anybody_and_has_neither_script_nor_form(house: House, client: Client) -> None:
    answer = house.client.get(client.preview(LISTED))
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "default-src 'none'" in policy and "script" not in policy
    assert "X-Frame-Options" not in answer.headers
    assert "示例失信玩具有限公司" in answer.text and "行政许可" in answer.text
    assert "<script" not in answer.text and "<form" not in answer.text


def test_every_other_page_still_may_not(house: House, client: Client) -> None:
    for path in ("/", f"/subjects/{LISTED}", client.root, f"{client.root}/preview?id=nobody"):
        answer = house.client.get(path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert answer.headers["X-Frame-Options"] == "DENY", path


def test_a_name_with_markup_is_text(house: House, client: Client) -> None:
    house.desk.publish("enterprise", [row(2, "示例<b onclick=alert(1)>粗体</b>有限公司", uscc(77))])
    shown = house.client.get(client.preview(uscc(77))).text
    assert "<b " not in shown and "&lt;b " in shown


def test_a_browser_shows_it_inside_a_page_of_another_site(program: Program, browser: Browser) -> None:
    own = f"http://{program.host}"
    framed = "".join(
        f'<iframe name="{name}" width="400" height="260" src="{own}{path}"></iframe>'
        for name, path in (
            ("preview", f"/api/v1/reconcile/preview?id={BLACKLISTED.code}"),
            ("clean", f"/api/v1/reconcile/preview?id={CLEAN_AAA.code}"),
            ("page", f"/subjects/{BLACKLISTED.code}"),
        )
    )
    with page_of_another_site(f"<!doctype html><title>示例</title>{framed}") as address:
        page = browser.new_page()
        page.goto(address, wait_until="load")
        shown = page.frame(name="preview")
        assert shown is not None and BLACKLISTED.name in shown.inner_text("body")
        assert shown.evaluate("getComputedStyle(document.querySelector('.bad')).fontWeight") == "600"
        refused = page.frame(name="page")
        assert refused is None or BLACKLISTED.name not in refused.inner_text("body")
        page.close()
