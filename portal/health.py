"""Health: `/healthz` says that the process lives, `/readyz` that the services its answers need do too."""

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
    """Register and index answer; 503 names the one that does not."""
    services = {"register": _register_ready(), "search": portal().search.ready()}
    status = 200 if all(services.values()) else 503
    return jsonify({name: "ok" if fine else "down" for name, fine in services.items()}), status


def _register_ready() -> bool:
    try:
        portal().register.version()
    except ZhixinError:
        return False
    return True
