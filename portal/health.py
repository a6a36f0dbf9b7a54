"""Health: `/healthz` says that the process lives, `/readyz` that it can answer."""

from flask import Blueprint, Response, jsonify

from indexer.errors import ZhixinError
from portal.context import portal

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether the register answers, which all answers are read from; 503 when not.

    Search that is down takes no portal out of service: all else is answered, and search by whole names, codes and numbers
    ("degraded").
    """
    register = _register_ready()
    search = "ok" if portal().search.ready() else "degraded" if register else "down"
    return jsonify(register="ok" if register else "down", search=search), 200 if register else 503


def _register_ready() -> bool:
    try:
        portal().register.version()
    except ZhixinError:
        return False
    return True
