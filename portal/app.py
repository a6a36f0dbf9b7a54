"""The portal as a Flask application."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer.accounts.opening import Accounts
from indexer.cases.opening import CaseRoom
from indexer.clock import Clock
from indexer.enterprise.declaring import Declaring, Reviewed
from indexer.enterprise.repairs import Repairs
from indexer.exchange.running import Exchange
from indexer.feed.reading import Changes
from indexer.following.followings import Followings
from indexer.keys.keeping import Keys
from indexer.keys.plans import load_plans
from indexer.keys.using import Use
from indexer.opendata.downloads import Downloads
from indexer.opendata.statistics import Statistics
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.rules.workdays import load_calendar
from indexer.search.opening import open_engine
from indexer.settings import Settings
from indexer.supervision.draw_work import work
from indexer.supervision.opening import Supervision
from indexer.webhooks.receivers import Receivers
from portal import downloads, exchange, health, metrics, pages
from portal.accounts.access import init_access, open_to_all
from portal.accounts.identity import init_identity
from portal.accounts.keys import init_keys
from portal.accounts.person import init_person
from portal.api import batch_views, change_views, check_views, data_views, views
from portal.api.openapi import blueprint as openapi
from portal.api.operations import blueprint as operations
from portal.api.reconcile_draft import blueprint as reconcile_draft
from portal.api.reconcile_views import blueprint as reconcile
from portal.background import Background
from portal.bodies import init_bodies
from portal.checks.office import Office
from portal.compression import init_compression
from portal.context import EXTENSION, Portal
from portal.cors import init_cors
from portal.desk_work import DeskWork
from portal.headers import init_headers
from portal.i18n import init_i18n
from portal.limits import init_limits
from portal.logs import init_logs
from portal.problems import init_problems
from portal.rules_desk import RulesDesk
from portal.tracing import init_tracing

ROOT = Path(__file__).parent.parent
API = "/api/"
LONGEST_BODY = 64 * 1024  # bytes; what takes uploads sets its own


class Site(Flask):
    """Flask without coroutines: asking each of the twenty functions of a request whether it is one takes longer than some of them."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class PagesOnly(SecureCookieSessionInterface):
    """Sessions for people; a program's requests carry no state, so nothing is set up to sign one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if request.path.startswith(API) else super().open_session(app, request)


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """The portal over the register and index that `settings` name. Opens no connection until a request needs one."""
    clock = clock or Clock()
    app = Site(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=ROOT / "templates",
        static_folder=ROOT / "static",
    )
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.secret_key = settings.signing_key()
    app.session_interface = PagesOnly()
    register, search = Register(connect(settings.database_url), clock), open_engine(settings)
    rules = RulesDesk(register)
    accounts, plans = Accounts(register.engine, clock, settings), load_plans(settings)
    calendar = load_calendar(settings.holidays_file)
    supervision = Supervision(register.engine, clock, calendar)
    repairs, declaring = Repairs(register, accounts), Declaring(register, accounts.files)
    app.extensions[EXTENSION] = Portal(
        settings=settings,
        clock=clock,
        register=register,
        search=search,
        rules=rules,
        office=Office(register, search, rules.book),
        accounts=accounts,
        room=CaseRoom(accounts, {"repair": repairs, "declaration": Reviewed(declaring)}),
        repairs=repairs,
        declaring=declaring,
        followings=Followings(accounts),
        desk=DeskWork(accounts),
        supervision=supervision,
        drawing=Background("draws", lambda: work(supervision.draws)),
        releasing=Background("results", supervision.releases.work),
        calendar=calendar,
        plans=plans,
        keys=Keys(accounts, plans),
        key_use=Use(register.engine, clock),
        downloads=Downloads(register, settings.downloads_folder),
        statistics=Statistics(register, settings.statistics_file),
        changes=Changes(register),
        receivers=Receivers(accounts),
        exchange=Exchange(accounts),
    )
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    init_logs(settings)
    init_tracing(app)  # first, so that it begins first and ends last
    init_compression(app)
    init_cors(app)
    init_i18n(app)
    init_keys(app)
    init_limits(app, settings, plans.anonymous)
    init_problems(app)
    init_bodies(app)
    init_headers(app, settings)
    # Their operations register themselves on the blueprint.
    assert views and check_views and batch_views and data_views and change_views
    for blueprint in (
        health.blueprint,
        operations,
        openapi,
        reconcile,
        reconcile_draft,
        pages.blueprint,
        downloads.blueprint,
        metrics.blueprint,
    ):
        app.register_blueprint(open_to_all(blueprint))
    app.register_blueprint(pages.accounts)
    app.register_blueprint(exchange.blueprint)
    init_person(app)
    init_identity(app, settings)
    init_access(app)
    return app
