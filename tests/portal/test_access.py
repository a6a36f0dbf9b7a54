"""Who may use what: every route by every role, the expected answer written down. A route that is missing here fails.

`all`: everybody gets the same. `login`: led to the log-in. A number is the status; what is sent with a form is empty but for its token, so
400 or 404 means: let in, and told that this is no way to fill it in.
"""

import re

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from indexer.accounts.roles import Permission, Role
from portal.accounts.access import anybody, may, table
from portal.context import EXTENSION
from tests.accounts.cast import Somebody, inside, send, somebody
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

OWN, OTHER = uscc(1), uscc(2)
COLUMNS = ("anonymous", "own", "other", "officer", "operator", "reviewer", "admin")

TABLE = """
GET   /                                             all
GET   /static/<path:filename>                       all
GET   /healthz                                      all
GET   /readyz                                       all
GET   /search                                       all
GET   /subjects                                     all
GET   /subjects/<id>                                all
GET   /restrictions                                 all
GET   /restrictions/<id>                            all
GET   /records/<id>                                 all
GET   /records/<id>/history                         all
GET   /records/<id>/file                            all
GET   /lists                                        all
GET   /lists/<name>                                 all
GET   /lists/<name>.atom                            all
GET   /subjects/<id>.atom                           all
GET   /search.atom                                  all
GET   /follow/<token>/stop                          all
POST  /follow/<token>/stop                          all
GET   /verify                                       all
GET   /verify/<path:number>                         all
GET   /check                                        all
POST  /check                                        all
GET   /check/template.xlsx                          all
GET   /checks/<key>                                 all
POST  /checks/<key>                                 all
GET   /checks/<key>/changes                         all
GET   /checks/<key>/result.json                     all
GET   /checks/<key>/result.xlsx                     all
GET   /docs                                         all
GET   /docs/api                                     all
GET   /docs/problems                                all
GET   /api/v1/openapi.json                          all
GET   /api/v1/search                                all
GET   /api/v1/suggest                               all
GET   /api/v1/subjects/<id>                         all
GET   /api/v1/subjects/<id>/records                 all
GET   /api/v1/restrictions/<id>                     all
GET   /api/v1/records/<id>                          all
GET   /api/v1/records/<id>/history                  all
GET   /api/v1/certificates/<path:number>            all
GET   /api/v1/lists/<name>                          all
POST  /api/v1/checks                                all
GET   /api/v1/checks/<key>                          all
GET   /api/v1/checks/<key>/changes                  all
GET   /api/v1/receipts/<number>                     all
POST  /api/v1/subjects/batch                        all
GET   /api/v1/subjects/batch                        all
PUT   /api/v1/subjects/batch                        all
PATCH /api/v1/subjects/batch                        all
DELETE /api/v1/subjects/batch                       all
GET   /api/v1/statistics                            all

GET   /data                                         all
GET   /data/index.json                              all
GET   /data/<kind>.<form>.gz                        all
GET   /statistics                                   all
GET   /metrics                                      all

GET   /api/v1/reconcile                             all
POST  /api/v1/reconcile                             all
GET   /api/v1/reconcile/preview                     all
GET   /api/v1/reconcile/suggest/entity              all
GET   /api/v1/reconcile/suggest/property            all
GET   /api/v1/reconcile/suggest/type                all
GET   /api/v1/reconcile/propose                     all
GET   /api/v1/reconcile/1.0-draft                   all
POST  /api/v1/reconcile/1.0-draft/match             all
POST  /api/v1/reconcile/1.0-draft/extend            all
GET   /api/v1/reconcile/1.0-draft/extend/propose    all
GET   /api/v1/reconcile/1.0-draft/preview           all
GET   /api/v1/reconcile/1.0-draft/suggest/entity    all
GET   /api/v1/reconcile/1.0-draft/suggest/property  all
GET   /api/v1/reconcile/1.0-draft/suggest/type      all

GET   /draws                                        all
GET   /draws/<number>                               all
GET   /draws/<number>/file.json                     all

GET   /forgot                                       all
POST  /forgot                                       all
GET   /register                                     all
POST  /register                                     all
GET   /link/<token>                                 all
POST  /link/<token>                                 all
GET   /follow                                       all
POST  /follow                                       all
GET   /follow/confirm/<token>                       all
POST  /follow/confirm/<token>                       all
GET   /follow/<token>                               all
POST  /follow/<token>                               all
GET   /keys                                         all
POST  /keys                                         all
POST  /keys/own                                     all
GET   /keys/open/<token>                            all
POST  /keys/open/<token>                            all
GET   /keys/own/<token>                             all
POST  /keys/own/<token>                             all
POST  /login                                        all
GET   /login/code                                   all
POST  /login/code                                   all
GET   /login/identity                               all
GET   /login/identity/back                          all
GET   /complaints/new                               all
POST  /complaints/new                               all
GET   /complaints/follow                            all
POST  /complaints/follow                            all
POST  /complaints/follow/add                        all
POST  /complaints/follow/leave                      all
GET   /complaints/statistics                        all
GET   /questions                                    all

                                                    anonymous own   other officer operator reviewer admin
GET   /login                                        200       303   303   303     303      303      303
GET   /login/identity/mail                          login     login login login login    login    login
POST  /login/identity/mail                          login     login login login login    login    login
POST  /logout                                       303       303   303   303     303      303      303
GET   /account                                      login     200   200   200     200      200      200
POST  /account/password                             login     400   400   400     400      400      400
POST  /account/mail                                 login     400   400   400     400      400      400
POST  /account/sessions                             login     404   404   404     404      404      404
GET   /account/two-steps                            login     200   200   303     303      303      303
POST  /account/two-steps                            login     400   400   303     303      303      303
POST  /account/recovery-codes                       login     303   303   200     200      200      200
GET   /account/claim                                login     200   200   200     200      200      200
POST  /account/claim                                login     400   400   400     400      400      400
GET   /account/following                            login     200   200   200     200      200      200
POST  /account/following                            login     400   400   400     400      400      400
GET   /files/<int:identity>                         login     404   404   404     404      404      404

GET   /enterprise/<code>/people                     login     200   403   403     403      403      403
POST  /enterprise/<code>/people                     login     400   403   403     403      403      403
POST  /enterprise/<code>/people/<int:membership>/end login    404   403   403     403      403      403

GET   /desk/claims                                  login     403   403   403     200      403      403
POST  /desk/claims/<int:claim>                      login     403   403   403     400      403      403

GET   /desk                                         login     403   403   403     200      200      403
GET   /desk/upload                                  login     403   403   403     200      403      403
POST  /desk/upload                                  login     403   403   403     400      403      403
GET   /desk/submissions/<int:submission>            login     403   403   403     404      404      403
POST  /desk/submissions/<int:submission>/submit     login     403   403   403     404      403      403
POST  /desk/submissions/<int:submission>/decide     login     403   403   403     403      404      403
POST  /desk/submissions/<int:submission>/discard    login     403   403   403     404      403      403
POST  /desk/submissions/<int:submission>/again      login     403   403   403     404      404      403
GET   /desk/submissions/<int:submission>/file       login     403   403   403     404      404      403
GET   /desk/submissions/<int:submission>/rejects/<int:place> login 403 403 403    404      404      403
GET   /desk/batches                                 login     403   403   403     200      200      403
GET   /desk/batches/<int:batch>/undo                login     403   403   403     404      403      403
POST  /desk/batches/<int:batch>/undo                login     403   403   403     404      403      403
GET   /desk/records                                 login     403   403   403     200      200      403
GET   /desk/records/<record>                        login     403   403   403     404      404      403
GET   /desk/records/<record>/correct                login     403   403   403     404      403      403
POST  /desk/records/<record>/correct                login     403   403   403     404      403      403
GET   /desk/records/<record>/remove                 login     403   403   403     404      403      403
POST  /desk/records/<record>/remove                 login     403   403   403     404      403      403
GET   /desk/conflicts                               login     403   403   403     200      200      403
POST  /desk/conflicts                               login     403   403   403     400      403      403
GET   /desk/deadlines                               login     403   403   403     200      200      403
GET   /desk/inspections                             login     403   403   403     200      200      403

GET   /admin/accounts                               login     403   403   403     403      403      200
POST  /admin/accounts                               login     403   403   403     403      403      400
GET   /admin/accounts/<int:account>                 login     403   403   403     403      403      404
POST  /admin/accounts/<int:account>                 login     403   403   403     403      403      404
GET   /admin/audit                                  login     403   403   403     403      403      200
GET   /admin/keys                                   login     403   403   403     403      403      200
GET   /admin/keys/<int:key>                         login     403   403   403     403      403      404
POST  /admin/keys/<int:key>                         login     403   403   403     403      403      404

GET   /enterprise/<code>                            login     200   403   403     403      403      403
GET   /enterprise/<code>/report                     login     200   403   403     403      403      403
GET   /enterprise/<code>/records/<identity>         login     404   403   403     403      403      403
GET   /enterprise/<code>/repairs                    login     200   403   403     403      403      403
GET   /enterprise/<code>/repairs/<identity>         login     404   403   403     403      403      403
POST  /enterprise/<code>/repairs/<identity>         login     404   403   403     403      403      403
GET   /enterprise/<code>/declarations               login     200   403   403     403      403      403
POST  /enterprise/<code>/declarations               login     400   403   403     403      403      403
GET   /desk/holdings/<code>/<identity>               login     403   403   403     404      404      403
POST  /desk/records/<record>/unrepair               login     403   403   403     404      403      403
GET   /desk/transferred                             login     403   403   200     403      403      403
GET   /desk/transferred/<number>                    login     403   403   404     403      403      403
POST  /desk/transferred/<number>                    login     403   403   404     403      403      403
GET   /desk/transferred/<number>/files/<int:identity> login   403   403   404     403      403      403
POST  /enterprise/<code>/declarations/<identity>/withdraw login 404 403 403      403      403      403
POST  /desk/cases/<number>/mended                   login     403   403   403     404      403      403
GET   /enterprise/<code>/cases                      login     200   403   403     403      403      403
GET   /enterprise/<code>/objections/new             login     404   403   403     403      403      403
POST  /enterprise/<code>/objections/new             login     404   403   403     403      403      403
GET   /enterprise/<code>/cases/<number>             login     404   403   403     403      403      403
POST  /enterprise/<code>/cases/<number>             login     404   403   403     403      403      403
GET   /enterprise/<code>/cases/<number>/files/<int:identity> login 404 403 403    403      403      403
GET   /desk/cases                                   login     403   403   403     200      403      403
GET   /desk/cases/<number>                          login     403   403   403     404      403      403
POST  /desk/cases/<number>                          login     403   403   403     404      403      403
POST  /desk/cases/<number>/reporter                 login     403   403   403     404      403      403
GET   /desk/cases/<number>/files/<int:identity>     login     403   403   403     404      403      403
POST  /desk/cases/<number>/answer                   login     403   403   403     404      403      403
GET   /desk/reviews                                 login     403   403   403     403      200      403
GET   /desk/reviews/<number>                        login     403   403   403     403      404      403
POST  /desk/reviews/<number>                        login     403   403   403     403      404      403
GET   /desk/reviews/<number>/files/<int:identity>   login     403   403   403     403      404      403
GET   /desk/supervision                             login     403   403   403     200      200      403
POST  /desk/supervision/refresh                     login     403   403   403     303      403      403
GET   /desk/supervision/enterprises/<code>          login     403   403   403     200      200      403
GET   /desk/supervision/rule                        login     403   403   403     200      200      403
POST  /desk/supervision/rule                        login     403   403   403     400      403      403
GET   /desk/supervision/rule/<int:version>          login     403   403   403     404      404      403
POST  /desk/supervision/rule/<int:version>          login     403   403   403     403      404      403
GET   /desk/supervision/lists                       login     403   403   403     200      200      403
POST  /desk/supervision/lists                       login     403   403   403     400      403      403
POST  /desk/supervision/lists/<int:proposal>        login     403   403   403     403      400      403
GET   /desk/supervision/lists/entries               login     403   403   403     200      200      403
POST  /desk/supervision/lists/entries               login     403   403   403     409      403      403
GET   /desk/supervision/inspectors                  login     403   403   403     200      200      403
POST  /desk/supervision/inspectors                  login     403   403   403     400      403      403
POST  /desk/supervision/inspectors/<int:inspector>  login     403   403   403     400      403      403
POST  /desk/supervision/exclusions/<int:exclusion>  login     403   403   403     404      403      403
GET   /desk/supervision/draws                       login     403   403   403     200      200      403
POST  /desk/supervision/draws                       login     403   403   403     400      403      403
GET   /desk/supervision/draws/<int:draw>            login     403   403   403     404      404      403
POST  /desk/supervision/draws/<int:draw>            login     403   403   403     403      404      403
POST  /desk/supervision/draws/<int:draw>/seed       login     403   403   403     404      403      403
POST  /desk/supervision/draws/<int:draw>/plan       login     403   403   403     404      403      403
GET   /desk/supervision/draws/<int:draw>/complete.json login  403   403   403     404      404      403
GET   /desk/plans                                   login     403   403   200     200      200      403
GET   /desk/plans/<int:plan>                        login     403   403   404     404      404      403
POST  /desk/plans/<int:plan>                        login     403   403   403     403      404      403
POST  /desk/plans/<int:plan>/publish                login     403   403   403     403      404      403
GET   /desk/plans/<int:plan>/results.csv            login     403   403   404     404      404      403
POST  /desk/plans/<int:plan>/file                   login     403   403   404     404      403      403
GET   /desk/inspections/<int:task>                  login     403   403   404     404      403      403
POST  /desk/inspections/<int:task>                  login     403   403   404     404      403      403
GET   /desk/rules                                   login     403   403   403     200      200      403
POST  /desk/rules                                   login     403   403   403     400      403      403
GET   /desk/rules/editions/<int:edition>            login     403   403   403     404      404      403
POST  /desk/rules/editions/<int:edition>            login     403   403   403     403      404      403
GET   /desk/rules/drafts/<int:draft>                login     403   403   403     404      404      403
POST  /desk/rules/drafts/<int:draft>                login     403   403   403     404      403      403
POST  /desk/rules/drafts/<int:draft>/again          login     403   403   403     404      404      403
POST  /desk/rules/drafts/<int:draft>/decide         login     403   403   403     403      404      403
GET   /desk/rules/drafts/<int:draft>/table          login     403   403   403     404      403      403
POST  /desk/rules/drafts/<int:draft>/table          login     403   403   403     404      403      403
GET   /desk/rules/drafts/<int:draft>/rule           login     403   403   403     404      403      403
POST  /desk/rules/drafts/<int:draft>/rule           login     403   403   403     404      403      403
GET   /desk/rules/drafts/<int:draft>/rules/<rule>   login     403   403   403     404      403      403
POST  /desk/rules/drafts/<int:draft>/rules/<rule>   login     403   403   403     404      403      403

GET   /api/v1/changes                               all
GET   /admin/webhooks                               login     403   403   403     403      403      200
POST  /admin/webhooks                               login     403   403   403     403      403      400
GET   /admin/webhooks/<int:receiver>                login     403   403   403     403      403      404
POST  /admin/webhooks/<int:receiver>                login     403   403   403     403      403      404
GET   /desk/exchange                                login     403   403   200     200      200      200
GET   /desk/exchange/<partner>                      login     403   403   404     404      404      404
GET   /desk/exchange/<partner>/unsent.csv           login     403   403   404     404      404      404
GET   /desk/exchange/<partner>/quality.csv          login     403   403   404     404      404      404
GET   /admin/exchange                               login     403   403   403     403      403      200
POST  /admin/exchange                               login     403   403   403     403      403      400
POST  /admin/exchange/<partner>                     login     403   403   403     403      403      404
GET   /api/exchange/<partner>/acknowledgements/<delivery> all
PUT   /api/exchange/<partner>/acknowledgements/<delivery> all
PUT   /api/exchange/<partner>/deliveries/<delivery>/<name> all
GET   /mail-lost                                    all
POST  /mail-lost                                    all
GET   /mail-lost/<token>                            all
POST  /mail-lost/<token>                            all
GET   /desk/mail-changes                            login     403   403   403     200      403      403
GET   /desk/mail-changes/<int:change>/file          login     403   403   403     404      403      403
POST  /desk/mail-changes/<int:change>               login     403   403   403     400      403      403
GET   /admin/mail-changes                           login     403   403   403     403      403      200
GET   /admin/mail-changes/<int:change>/file         login     403   403   403     403      403      404
POST  /admin/mail-changes/<int:change>              login     403   403   403     403      403      400
"""

EXPECTED: dict[tuple[str, str], list[str]] = {
    (words[0], words[1]): words[2:]
    for line in TABLE.splitlines()
    if (words := line.split()) and words[0] in ("GET", "POST", "PUT", "PATCH", "DELETE")
}
FILLED = {
    "code": OWN,
    "id": OWN,
    "identity": "999",
    "account": "999",
    "change": "999",
    "claim": "999",
    "membership": "999",
    "submission": "999",
    "batch": "999",
    "place": "1",
}
FILLED |= dict.fromkeys(
    (
        *("version", "proposal", "inspector", "exclusion", "draw", "plan", "task", "edition", "draft", "key"),
        "receiver",
    ),
    "999",
)


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }


@pytest.fixture
def people(house: House) -> dict[str, Somebody]:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", OWN), row(3, "示例乙有限公司", OTHER)])
    accounts = house.app.extensions[EXTENSION].accounts
    roles = {
        "own": (Role.ENTERPRISE, OWN),
        "other": (Role.ENTERPRISE, OTHER),
        "officer": (Role.OFFICER, "示例中心"),
        "operator": (Role.OPERATOR, ""),
        "reviewer": (Role.REVIEWER, ""),
        "admin": (Role.ADMIN, ""),
    }
    return {
        name: somebody(accounts, f"{name}@firm.example", role, scope) for name, (role, scope) in roles.items()
    }


def browser(house: House, people: dict[str, Somebody], column: str) -> FlaskClient:
    accounts, client = house.app.extensions[EXTENSION].accounts, house.client
    client.environ_base["REMOTE_ADDR"] = (
        f"192.0.2.{COLUMNS.index(column)}"  # what one does wrong is not another's
    )
    return inside(accounts, people[column], client) if column in people else client


def answer(client: FlaskClient, column: str, method: str, rule: str) -> str:
    """What a role gets at a route, with a right token for a form."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: FILLED.get(part[1], "示例"), rule)
    if method != "POST":
        got = client.open(path, method=method)
    else:
        got = send(client, path, at="/register" if column == "anonymous" else "/account/claim")
    led = got.status_code == 303 and got.headers["Location"].startswith("/login")
    return "login" if led and rule not in ("/logout", "/login/code") else str(got.status_code)


def test_the_table_has_every_route_and_no_other(house: House) -> None:
    assert set(EXPECTED) == routes(house.app)
    assert {len(row) for row in EXPECTED.values()} == {1, len(COLUMNS)}


def test_every_role_gets_at_every_route_what_is_written_down(
    house: House, people: dict[str, Somebody]
) -> None:
    browsers = {column: browser(house, people, column) for column in COLUMNS}
    found = {
        (method, rule): [answer(browsers[column], column, method, rule) for column in COLUMNS]
        for method, rule in sorted(EXPECTED, key=lambda route: route[1] == "/logout")  # the last thing to do
    }
    wrong = {
        route: dict(zip(COLUMNS, got, strict=True))
        for route, got in found.items()
        if (
            got != EXPECTED[route]
            if EXPECTED[route] != ["all"]
            else len(set(got)) > 1 or got[0] in ("login", "403")
        )
    }
    assert wrong == {}


KEEPS_TO_ITS_OWN = """
GET   /desk
GET   /desk/upload
POST  /desk/upload
GET   /desk/submissions/<int:submission>
POST  /desk/submissions/<int:submission>/submit
POST  /desk/submissions/<int:submission>/decide
POST  /desk/submissions/<int:submission>/discard
POST  /desk/submissions/<int:submission>/again
GET   /desk/submissions/<int:submission>/file
GET   /desk/submissions/<int:submission>/rejects/<int:place>
GET   /desk/records
GET   /desk/records/<record>
GET   /desk/records/<record>/correct
POST  /desk/records/<record>/correct
GET   /desk/records/<record>/remove
POST  /desk/records/<record>/remove
POST  /desk/records/<record>/unrepair
GET   /desk/deadlines
GET   /desk/holdings/<code>/<identity>
GET   /desk/cases
GET   /desk/cases/<number>
POST  /desk/cases/<number>
POST  /desk/cases/<number>/reporter
POST  /desk/cases/<number>/mended
GET   /desk/cases/<number>/files/<int:identity>
POST  /desk/cases/<number>/answer
GET   /desk/reviews
GET   /desk/reviews/<number>
POST  /desk/reviews/<number>
GET   /desk/reviews/<number>/files/<int:identity>
"""
"""What an operator or reviewer of an agency or region may use: there they get what those of the whole portal get, elsewhere 403."""


def test_who_has_an_agency_or_region_gets_in_where_the_view_keeps_to_it_and_nowhere_else(
    house: House, people: dict[str, Somebody]
) -> None:
    kept = {tuple(line.split()) for line in KEEPS_TO_ITS_OWN.splitlines() if line}
    assert kept <= set(EXPECTED)
    accounts = house.app.extensions[EXTENSION].accounts
    for at, role in ((4, Role.OPERATOR), (5, Role.REVIEWER)):
        mail = f"local-{role}@firm.example"
        client = inside(accounts, somebody(accounts, mail, role, "示例市市场监督管理局"), house.client)
        asked = {
            route: answers[at]
            for route, answers in EXPECTED.items()
            if len(answers) > 1 and route[1].startswith("/desk") and answers[at] not in ("403", "login")
        }
        found = {route: answer(client, role, *route) for route in asked}
        assert found == {route: said if route in kept else "403" for route, said in asked.items()}


def test_a_form_without_its_token_does_nothing(house: House, people: dict[str, Somebody]) -> None:
    free = {
        "/check",
        "/checks/<key>",
        "/api/v1/checks",
        "/api/v1/subjects/batch",
        "/follow/<token>/stop",
    }
    posts = [rule for method, rule in EXPECTED if method == "POST" and rule not in free]
    asked = [rule for rule in posts if not rule.startswith("/api/v1/reconcile")]
    assert len(asked) > 15
    for rule in asked:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: FILLED.get(part[1], "示例"), rule)
        for column in ("own", "operator", "admin"):
            got = browser(house, people, column).post(path, data={"csrf_token": "x"})
            assert got.status_code == 403 or "页面放得太久" in got.text, (rule, column, got.status_code)


def test_a_route_that_says_nothing_keeps_the_portal_from_starting() -> None:
    app, blueprint = Flask("silent"), Blueprint("silent", __name__)
    blueprint.add_url_rule("/secret", "secret", lambda: "")
    app.register_blueprint(blueprint)
    with pytest.raises(RuntimeError, match=r"/secret \(silent.secret\) does not say who may use it"):
        table(app)


def test_a_route_whose_address_lacks_the_part_that_it_names_keeps_the_portal_from_starting() -> None:
    app, blueprint = Flask("wrong"), Blueprint("wrong", __name__)
    blueprint.add_url_rule("/of/<code>", "of", may(Permission.OWN_VIEW, of="id")(lambda code: ""))
    blueprint.add_url_rule("/open", "open", anybody()(lambda: ""))
    app.register_blueprint(blueprint)
    with pytest.raises(RuntimeError, match="has no part id"):
        table(app)
