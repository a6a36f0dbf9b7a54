"""The portal as a Flask application."""

from pathlib import Path

from flask import Flask
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer.clock import Clock
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.search.embedded import EmbeddedEngine
from indexer.settings import Settings
from portal import health, pages
from portal.api import views as api
from portal.api.openapi import blueprint as openapi
from portal.api.operations import blueprint as operations
from portal.context import EXTENSION, Portal
from portal.i18n import init_i18n
from portal.limits import init_limits
from portal.logs import init_logs
from portal.problems import init_problems
from portal.restrictions.rules import load_rules

ROOT = Path(__file__).parent.parent
LONGEST_BODY = 64 * 1024  # bytes; nothing is uploaded yet

CONTENT_SECURITY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """The portal over the register and index that `settings` name. Opens no connection until a request needs one."""
    clock = clock or Clock()
    app = Flask(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=ROOT / "templates",
        static_folder=ROOT / "static",
    )
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.secret_key = settings.signing_key()
    app.extensions[EXTENSION] = Portal(
        settings=settings,
        clock=clock,
        register=Register(connect(settings.database_url), clock),
        search=EmbeddedEngine(settings.search_folder),
        rules=load_rules(),
    )
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    init_logs(settings)
    init_i18n(app)
    init_limits(app, settings)
    init_problems(app)
    Talisman(
        app,
        force_https=False,  # the proxy in front decides; TLS does not end here
        strict_transport_security=settings.https,
        session_cookie_secure=settings.https,
        content_security_policy=CONTENT_SECURITY,
        frame_options="DENY",
        referrer_policy="same-origin",
    )
    assert api  # its operations register themselves on the blueprint
    for blueprint in (health.blueprint, operations, openapi, pages.blueprint):
        app.register_blueprint(blueprint)
    return app
