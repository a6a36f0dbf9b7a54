"""How the text of each kind of setting is read (设置值): a parser gives the value, or raises `Wrong` with the reason in both languages."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

REVIEWED, AT_ONCE = "reviewed", "at-once"  # how declarations of enterprises become public
WINDOW = re.compile(r"[1-9]\d{0,8}/(second|minute|hour|day)")  # how often within what time
LEAST_SECRET = 16  # characters; shorter keys can be guessed from one signed value


class Wrong(ValueError):
    """A text that a setting can not take, with the reason in both languages. Never repeats a secret."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def folder(text: str) -> Path:
    """The path of a folder, from the root."""
    return Path(text).expanduser().absolute()


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where the port is no number up to 65535
    except ValueError:
        raise Wrong("地址写法不对", "is not a well-formed URL") from None
    return parts


def database_url(text: str) -> str:
    """SQLAlchemy's URL of a SQLite or PostgreSQL database, or nothing."""
    dialect = _split(text).scheme.partition("+")[0]
    if text and (dialect not in ("sqlite", "postgresql") or "://" not in text):
        raise Wrong(
            "应以 sqlite:// 或 postgresql:// 开头，例如 postgresql://用户:密码@主机/库名",
            "must begin with sqlite:// or postgresql://, for example postgresql://user:password@host/name",
        )
    return text


_is_search_url = re.compile(r"https?://(?:[^@/\s]*:[^@/\s]*@)?[^@/?#\s,]+(?:,[^@/?#\s,]+)*/?").fullmatch


def search_url(text: str) -> str:
    """Nodes of one cluster, or nothing."""
    hosts = text.rstrip("/").rpartition("@")[2].rpartition("//")[2].split(",")
    if text and (not _is_search_url(text) or not all(_split(f"//{host}").hostname for host in hosts)):
        raise Wrong(
            "应为 http(s)://用户:密码@主机:9200，多个主机用逗号隔开，不带路径；密码中的特殊字符写成 %XX",
            "must be http(s)://user:password@host:9200, several hosts with commas, no path; special characters as %XX",
        )
    return text.rstrip("/")


def index_name(text: str) -> str:
    """A name that Elasticsearch takes for an index."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", text):
        raise Wrong(
            "只能用小写字母、数字、连字符和下划线，以字母或数字开头",
            "takes lower-case letters, digits, hyphens and underscores, a letter or digit first",
        )
    return text


def file(text: str) -> str:
    """The path of a file that is there, from the root, or nothing."""
    if text and not Path(text).is_file():
        raise Wrong("没有这个文件", "is no file")
    return str(Path(text).absolute()) if text else ""


def replicas(text: str) -> str:
    """A number of copies, or that it goes by the number of nodes."""
    if text != "auto" and not re.fullmatch(r"[0-9]", text):
        raise Wrong("应为 auto 或 0 到 9 的整数", "must be auto or a whole number from 0 to 9")
    return text


def redis_url(text: str) -> str:
    """A Redis or Valkey, or nothing."""
    parts = _split(text)
    if text and (parts.scheme not in ("redis", "rediss") or not parts.hostname):
        raise Wrong(
            "应为 redis://主机:端口/库号，加密用 rediss://",
            "must be redis://host:port/number, or rediss:// with TLS",
        )
    return text


def base_url(text: str) -> str:
    """An address of the web without query, or nothing."""
    parts = _split(text)
    if text and (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise Wrong(
            "应为网站对外的地址，例如 https://credit.example.cn",
            "must be the public address, like https://credit.example.cn",
        )
    return text.rstrip("/")


def smtp_url(text: str) -> str:
    """A mail server, or nothing."""
    parts = _split(text)
    if text and (
        parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname or parts.path.strip("/")
    ):
        raise Wrong(
            "应为 smtp://用户:密码@主机:587（STARTTLS）或 smtps://用户:密码@主机:465（TLS）；密码中的特殊字符写成 %XX",
            "must be smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS); special characters as %XX",
        )
    return text.rstrip("/")


def mail_address(text: str) -> str:
    """An address with or without a name, or nothing."""
    if text and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+|[^<>\r\n]+ <[^@\s<>]+@[^@\s<>]+>", text):
        raise Wrong(
            "应为邮箱地址，例如 质信 <noreply@example.cn>",
            "must be an address, like Zhixin <noreply@example.cn>",
        )
    return text


def rate_limits(text: str) -> tuple[str, ...]:
    """Windows like 60/minute, none where there shall be no limits."""
    if text.lower() == "off":
        return ()
    limits = tuple(part.strip().lower() for part in text.split(";"))
    units = [limit.partition("/")[2] for limit in limits]
    if not all(map(WINDOW.fullmatch, limits)) or len(set(units)) < len(units):
        raise Wrong(
            "应为“次数/second|minute|hour|day”，多项用分号隔开，一种时间单位只写一次，例如 60/minute;2000/day；不限写 off",
            "must be COUNT/second|minute|hour|day, each unit once, like 60/minute;2000/day, or off",
        )
    return limits


def networks(text: str) -> tuple[str, ...]:
    """Networks in CIDR, none for `off`."""
    if text.lower() == "off":
        return ()
    named = tuple(part.strip() for part in text.split(";") if part.strip())
    try:
        return tuple(str(ip_network(each)) for each in named)
    except ValueError:
        raise Wrong(
            "应为 CIDR 写法的网络，多个用分号隔开，例如 10.20.0.0/16;fd12:3456::/48",
            "must be networks in CIDR, several with semicolons, like 10.20.0.0/16;fd12:3456::/48",
        ) from None


def secret_key(text: str) -> str:
    """A key that nobody guesses, or nothing."""
    if text and len(text) < LEAST_SECRET:
        raise Wrong(f"至少要 {LEAST_SECRET} 个字符", f"must have at least {LEAST_SECRET} characters")
    return text


def whole(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise Wrong(f"应为 {least} 到 {most} 的整数", f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def log_level(text: str) -> str:
    """A level of the log."""
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise Wrong("应为 DEBUG、INFO、WARNING 或 ERROR", "must be DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def declarations(text: str) -> str:
    """How declarations become public."""
    if text not in (REVIEWED, AT_ONCE):
        raise Wrong(f"应为 {REVIEWED} 或 {AT_ONCE}", f"must be {REVIEWED} or {AT_ONCE}")
    return text
