"""Client of the JSON API of 质信, a public credit and certificate lookup portal."""

from zhixin_client import models
from zhixin_client.client import VERSION, Client
from zhixin_client.errors import (
    BadRequest,
    NoAnswer,
    NotAllowed,
    NotFound,
    Problem,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    Unfinished,
    Wrong,
    ZhixinError,
)
from zhixin_client.files import File
from zhixin_client.transport import Patience

__version__ = VERSION
__all__ = [
    "BadRequest",
    "Client",
    "File",
    "NoAnswer",
    "NotAllowed",
    "NotFound",
    "Patience",
    "Problem",
    "TooManyRequests",
    "Unavailable",
    "UnexpectedAnswer",
    "Unfinished",
    "Wrong",
    "ZhixinError",
    "models",
]
