"""Log-in by a province's identity platform (统一身份认证): OpenID Connect, authorisation code with PKCE, state and nonce, by Authlib.

Authlib is loaded where a platform is set, and nowhere else: it would be a tenth of what every portal loads.
"""

from typing import Any

from flask import Flask, current_app
from werkzeug.wrappers import Response

from indexer.accounts.outside import Vouched
from indexer.accounts.people import normal_mail
from indexer.errors import InvalidParameter, ServiceUnavailable, ZhixinError
from indexer.settings import Settings

CLIENT = "zhixin-identity"
SECONDS = 10


class PlatformDown(ServiceUnavailable):
    """The identity platform does not answer."""

    code = "identity-platform-down"

    def __init__(self) -> None:
        super().__init__(
            "统一身份认证平台没有应答，请稍后再试，或用密码登录。",
            "The identity platform does not answer: try again later, or log in with a password.",
        )


class NotVouched(ZhixinError):
    """The platform did not say who this is, or said it in a way that can not be trusted."""

    code = "not-vouched"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "没有从统一身份认证平台得到可信的身份，请重新登录。",
            "The identity platform did not vouch for you: log in again.",
        )


def init_identity(app: Flask, settings: Settings) -> None:
    """Make the client of the platform that the settings name; asks nobody yet."""
    if not settings.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth

    app.extensions[CLIENT] = OAuth(app).register(
        "platform",
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )


def offered() -> bool:
    """Whether there is a platform to log in with."""
    return CLIENT in current_app.extensions


def begin(back: str) -> Response:
    """To the platform, which sends people back to the address `back`. Raises PlatformDown."""
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    try:
        answer: Response = _client().authorize_redirect(back)
    except (RequestException, AuthlibBaseError, ValueError):
        raise PlatformDown from None
    return answer


def finish(settings: Settings) -> Vouched:
    """Whom the platform vouches for, at the end of the way there and back. Raises PlatformDown and NotVouched."""
    said = _said()
    subject, issuer = said.get("sub"), said.get("iss")
    if not isinstance(subject, str) or not subject or len(subject) > 255 or issuer != settings.oidc_issuer:
        raise NotVouched
    name, code = said.get("name"), said.get(settings.oidc_code_claim)
    return Vouched(
        issuer,
        subject,
        _mail(said),
        name if isinstance(name, str) else "",
        code if isinstance(code, str) else "",
    )


def _mail(said: dict[str, Any]) -> str:
    """The address that the platform has verified, empty where there is none."""
    if said.get("email_verified") is False:
        return ""
    try:
        return normal_mail(str(said.get("email", "")))
    except InvalidParameter:
        return ""


def _said() -> dict[str, Any]:
    """What stands in the identity token, once signature, nonce, state and times were looked at."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    try:
        said: dict[str, Any] = _client().authorize_access_token().get("userinfo") or {}
    except RequestException as error:
        refused = error.response is not None and error.response.status_code < 500
        raise (NotVouched if refused else PlatformDown) from None
    except (AuthlibBaseError, JoseError, ValueError):
        raise NotVouched from None
    return said


def _client() -> Any:
    return current_app.extensions[CLIENT]
