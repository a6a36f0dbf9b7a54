"""The settings: one table, read once from the environment and checked whole. All else is handed the `Settings`.

`Settings.load()` is the only place that reads the process's environment. `python -m indexer.settings` prints
the table as the page `docs/settings.md`.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal, Self, TypeVar

from indexer import setting_values
from indexer.errors import SettingError

T = TypeVar("T")
Hides = Literal["nothing", "password", "all"]

REPEATED = 60  # characters of a wrong value that a message repeats
DEMONSTRATION = "demo"  # the folder below the data folder that `zhixin demo` keeps its register in
RETIRED = {
    "ZHIXIN_RULES": (
        "ZHIXIN_RULES 已取消：限制规则存放在登记库的规则版本库中。请去掉这个设置，用 zhixin rules submit 提交您的规则表，经另一人复核后生效。",
        "ZHIXIN_RULES is no more: rules stand in the register's rule book. Unset it and send your table in with `zhixin rules submit`.",
    )
}


@dataclass(frozen=True)
class Setting:
    """One row of the table: `parse` turns the text found under `env`, else `default`, into the value.

    `parse` raises `setting_values.Wrong`. `hides` says what people may not see of the value: nothing, the password in an
    address, or all.
    """

    env: str
    parse: Callable[[str], Any]
    default: str
    help_zh: str
    help_en: str
    hides: Hides


def _setting(
    env: str, parse: Callable[[str], T], default: str, zh: str, en: str, *, hides: Hides = "nothing"
) -> T:
    """A dataclass field that is also a row of the table; one that hides something stays out of `repr`."""
    row = Setting(env, parse, default, zh, en, hides)
    value: T = field(
        default_factory=lambda: parse(default), repr=hides == "nothing", metadata={"setting": row}
    )
    return value


@dataclass(frozen=True)
class Settings:
    """What an operator can set; each field is a row of the table. Made by `load`, in tests by naming fields."""

    data: Path = _setting(
        "ZHIXIN_DATA",
        setting_values.folder,
        "./var",
        "内嵌数据的文件夹：SQLite 登记库、检索索引、自动生成的密钥。",
        "The folder of the embedded parts: SQLite register, search index, generated secret.",
    )
    database_url: str = _setting(
        "ZHIXIN_DATABASE_URL",
        setting_values.database_url,
        "",
        "登记库的 SQLAlchemy 地址，SQLite 或 PostgreSQL；不设时用数据文件夹中的 `register.sqlite3`。",
        "SQLAlchemy URL of the register, SQLite or PostgreSQL; else `register.sqlite3` in the data folder.",
        hides="password",
    )
    search_url: str = _setting(
        "ZHIXIN_SEARCH_URL",
        setting_values.search_url,
        "",
        "Elasticsearch 8 或 9 的地址 `http(s)://用户:密码@主机:9200`，多个主机用逗号隔开；不设即用内嵌引擎。",
        "Elasticsearch 8 or 9 as `http(s)://user:password@host:9200`, several hosts with commas; unset, the embedded engine.",
        hides="password",
    )
    search_api_key: str = _setting(
        "ZHIXIN_SEARCH_API_KEY",
        str,
        "",
        "Elasticsearch 的 API 密钥（编码后的形式），代替地址中的用户和密码。",
        "An API key of Elasticsearch in its encoded form, instead of user and password in the address.",
        hides="all",
    )
    search_ca: str = _setting(
        "ZHIXIN_SEARCH_CA",
        setting_values.file,
        "",
        "签发 Elasticsearch 证书的 CA 证书文件（PEM）；不设时用系统信任的 CA。",
        "File (PEM) of the authority that signed the certificates of Elasticsearch; else those that the system trusts.",
    )
    search_index: str = _setting(
        "ZHIXIN_SEARCH_INDEX",
        setting_values.index_name,
        "zhixin",
        "Elasticsearch 中索引名的前缀；几个登记库共用一个集群时各取一名。",
        "What the names of indexes in Elasticsearch begin with; registers that share a cluster have one each.",
    )
    search_shards: int = _setting(
        "ZHIXIN_SEARCH_SHARDS",
        setting_values.whole(1, 1024),
        "1",
        "Elasticsearch 索引的主分片数，重建索引后生效；取多少见 docs/scale.md。",
        "Primary shards of an index in Elasticsearch, from the next reindex on; docs/scale.md says how many.",
    )
    search_replicas: str = _setting(
        "ZHIXIN_SEARCH_REPLICAS",
        setting_values.replicas,
        "auto",
        "Elasticsearch 每个分片的副本数，重建索引后生效；`auto` 为有第二个节点时一份。",
        "Copies of each shard in Elasticsearch, from the next reindex on; `auto` is one as soon as there is a second node.",
    )
    search_timeout: int = _setting(
        "ZHIXIN_SEARCH_TIMEOUT",
        setting_values.whole(1, 60),
        "3",
        "等待 Elasticsearch 回答一次检索的秒数，超过即改由登记库精确查找。",
        "Seconds to wait for an answer of Elasticsearch; after that the register answers what it can find exactly.",
    )
    redis_url: str = _setting(
        "ZHIXIN_REDIS_URL",
        setting_values.redis_url,
        "",
        "Redis 或 Valkey 的地址，多个进程由此共用访问次数；不设时各进程自行计数。",
        "URL of a Redis or Valkey in which processes share their rate limits; unset, each counts for itself.",
        hides="password",
    )
    rate_limits: tuple[str, ...] = _setting(
        "ZHIXIN_RATE_LIMITS",
        setting_values.rate_limits,
        "1200/minute;20000/day",
        "没有密钥的每个来访地址的访问限额，多项用分号隔开；`off` 为一概不限，仅供压力测试。",
        "Limits for one visitor's address without a key, with semicolons between; `off` lifts all limits, for load tests only.",
    )
    secret_key: str = _setting(
        "ZHIXIN_SECRET_KEY",
        setting_values.secret_key,
        "",
        "签名用的密钥，至少 16 个字符，多台机器须相同；不设时在数据文件夹中生成一个并保留。",
        "Signs, at least 16 characters, the same on all machines; else one is made and kept in the data folder.",
        hides="all",
    )
    base_url: str = _setting(
        "ZHIXIN_BASE_URL",
        setting_values.base_url,
        "",
        "网站对外的地址，用于绝对链接；不设时取自访问请求。信件中的链接只用这里设的地址。",
        "The portal's public address, for absolute links; unset, it is taken from the request. Links in letters come from here alone.",
    )
    smtp_url: str = _setting(
        "ZHIXIN_SMTP_URL",
        setting_values.smtp_url,
        "",
        "发信服务器：`smtp://用户:密码@主机:587` 用 STARTTLS，`smtps://…:465` 用 TLS；"
        "`smtp+plain://` 不加密，只用于本机。不设时信件留在库中不发。",
        "The server for mail: `smtp://user:password@host:587` with STARTTLS, `smtps://…:465` with TLS; `smtp+plain://` "
        "without, for the same machine only. Unset, letters stay in the database.",
        hides="password",
    )
    mail_from: str = _setting(
        "ZHIXIN_MAIL_FROM",
        setting_values.mail_address,
        "",
        "信件的发信人，例如 `质信 <noreply@example.cn>`；设了发信服务器就要设。",
        "Whom letters are from, like `Zhixin <noreply@example.cn>`; needed with a server for mail.",
    )
    session_idle_minutes: int = _setting(
        "ZHIXIN_SESSION_IDLE_MINUTES",
        setting_values.whole(5, 1440),
        "60",
        "登录后多少分钟不操作即退出。",
        "Minutes without a request after which a log-in ends.",
    )
    session_hours: int = _setting(
        "ZHIXIN_SESSION_HOURS",
        setting_values.whole(1, 720),
        "12",
        "一次登录最长多少小时，之后须重新登录。",
        "Hours after which a log-in ends in any case.",
    )
    oidc_issuer: str = _setting(
        "ZHIXIN_OIDC_ISSUER",
        setting_values.base_url,
        "",
        "省统一身份认证平台（OpenID Connect）的地址（issuer）；不设即不提供这种登录。",
        "Issuer of an identity platform (OpenID Connect) to log in with; unset, there is no such log-in.",
    )
    oidc_client_id: str = _setting(
        "ZHIXIN_OIDC_CLIENT_ID",
        str,
        "",
        "本站在该平台登记的客户端编号。",
        "This portal's client id at that platform.",
    )
    oidc_client_secret: str = _setting(
        "ZHIXIN_OIDC_CLIENT_SECRET",
        str,
        "",
        "本站在该平台登记的客户端密钥。",
        "This portal's client secret at that platform.",
        hides="all",
    )
    oidc_code_claim: str = _setting(
        "ZHIXIN_OIDC_CODE_CLAIM",
        str,
        "uscc",
        "该平台身份令牌中写明企业统一社会信用代码的声明（claim）。",
        "The claim of that platform's identity token that holds the enterprise's unified code.",
    )
    trusted_proxies: int = _setting(
        "ZHIXIN_TRUSTED_PROXIES",
        setting_values.whole(0, 10),
        "0",
        "前面有几层可信的反向代理；来访者的地址取自 `X-Forwarded-For` 从右数的这一个。",
        "How many trusted proxies stand in front; the visitor is this one from the right in `X-Forwarded-For`.",
    )
    declarations: str = _setting(
        "ZHIXIN_DECLARATIONS",
        setting_values.declarations,
        setting_values.REVIEWED,
        "企业自我声明怎样公示：`reviewed` 经办人员看过后公示，`at-once` 提交即公示。",
        "How declarations of enterprises become public: `reviewed`, after an operator's look, or `at-once`.",
    )
    webhook_networks: tuple[str, ...] = _setting(
        "ZHIXIN_WEBHOOK_NETWORKS",
        setting_values.networks,
        "",
        "变更推送可以送到的内部网络（CIDR，分号隔开），如政务外网 `10.20.0.0/16`；不设时只送公网地址。写本机的网络（`127.0.0.0/8`）只为试验，"
        "这时也可以用 http。",
        "Internal networks that webhooks may go to (CIDR, with semicolons), like a government's own `10.20.0.0/16`; unset, only public "
        "addresses. This machine's own (`127.0.0.0/8`) is for trying things out, and may then be http.",
    )
    webhook_ca: str = _setting(
        "ZHIXIN_WEBHOOK_CA",
        setting_values.file,
        "",
        "推送时除系统自带的以外还信任的证书颁发机构（PEM 文件），内部网络常有自己的。",
        "Certificate authorities that webhooks trust besides the machine's (a PEM file); internal networks often have their own.",
    )
    log_level: str = _setting(
        "ZHIXIN_LOG_LEVEL",
        setting_values.log_level,
        "INFO",
        "日志的详细程度：`DEBUG`、`INFO`、`WARNING` 或 `ERROR`。",
        "How much is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`.",
    )
    metrics_token: str = _setting(
        "ZHIXIN_METRICS_TOKEN",
        setting_values.secret_key,
        "",
        "读取 `/metrics` 的令牌，至少 16 个字符，用 `Authorization: Bearer` 出示；不设时只有本机直接访问才能读取。",
        "The token that `/metrics` is read with, at least 16 characters, shown as `Authorization: Bearer`; unset, only this machine "
        "itself may read it.",
        hides="all",
    )
    unpacked_limit_mb: int = _setting(
        "ZHIXIN_UNPACKED_LIMIT_MB",
        setting_values.whole(1, 1_000_000),
        "4096",
        "一个压缩文件（gz、zip、xlsx）解压后最多多少兆字节，超过即拒收。",
        "How many megabytes (2^20 bytes) a packed file (gz, zip, xlsx) may unpack to; a larger one is refused.",
    )
    holidays: str = _setting(
        "ZHIXIN_HOLIDAYS",
        setting_values.file,
        "",
        "程序还不知道的年份的节假日（TOML：`years`、`holidays`、`workdays`）；不设时读数据目录里的 holidays.toml，没有就按周一至周五暂算。",
        "Holidays of years that the program does not know yet (TOML: `years`, `holidays`, `workdays`); unset, holidays.toml in the data folder, "
        "without which Monday to Friday are counted for the time being.",
    )
    plans: str = _setting(
        "ZHIXIN_PLANS",
        setting_values.file,
        "",
        "接口密钥的方案表（TOML）；不设时用随程序发布的那一份，见 docs/keys.md。",
        "The table of plans for keys of the API (TOML); unset, the shipped one. See docs/keys.md.",
    )
    api_key: str = _setting(
        "ZHIXIN_API_KEY",
        str,
        "",
        "`zhixin mcp` 访问接口时所用的密钥；不设时按匿名访问的额度。",
        "The key that `zhixin mcp` asks the API with; unset, it asks under the anonymous limit.",
        hides="all",
    )

    def __post_init__(self) -> None:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data / 'register.sqlite3'}")

    @classmethod
    def load(cls) -> Self:
        """The settings of this process. Raises `SettingError`."""
        return cls.from_environ(os.environ)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The settings that `environ` says; an empty text is as good as none.

        Raises `SettingError`, which names every wrong value and every misspelt name at once.
        """
        values: dict[str, Any] = {}
        wrong: list[tuple[str, str]] = [*_misspelt(environ), *_retired(environ)]
        for name, row in TABLE.items():
            text = environ.get(row.env, "").strip()
            try:
                values[name] = row.parse(text or row.default)
            except setting_values.Wrong as error:
                said = "" if row.hides != "nothing" else f" {text[:REPEATED]!r}"
                wrong.append((f"{row.env}{said}：{error.zh}。", f"{row.env}{said} {error.en}."))
        wrong += _missing(values)
        if wrong:
            raise SettingError(
                "设置有误：" + "".join(zh for zh, _ in wrong),
                "Wrong settings: " + " ".join(en for _, en in wrong),
            )
        return cls(**values)

    def moved(self, folder: str) -> Self:
        """The same settings over embedded parts in a folder of their own below the data folder; no other database is touched."""
        data = self.data / folder
        return replace(self, data=data, database_url=f"sqlite:///{data / 'register.sqlite3'}")

    @property
    def search_folder(self) -> Path:
        """Where the embedded engine keeps its index."""
        return self.data / "search"

    @property
    def unpacked_limit(self) -> int:
        """Bytes that one packed file may unpack to."""
        return self.unpacked_limit_mb * 2**20

    @property
    def files_folder(self) -> Path:
        """Where files that people sent are kept."""
        return self.data / "files"

    @property
    def holidays_file(self) -> Path:
        """The file with holidays of years to come, which may be absent."""
        return Path(self.holidays) if self.holidays else self.data / "holidays.toml"

    @property
    def downloads_folder(self) -> Path:
        """Where the downloads of the public data are kept."""
        return self.data / "downloads"

    @property
    def statistics_file(self) -> Path:
        """Where counts are kept for processes that start."""
        return self.data / "statistics.json"

    @property
    def demonstration(self) -> bool:
        """Whether this is the register of `zhixin demo`, in its own folder and its own SQLite."""
        return self.data.name == DEMONSTRATION and self.database_url.startswith("sqlite")

    @property
    def https(self) -> bool:
        """Whether people come by HTTPS, so cookies can be held to it."""
        return self.base_url.startswith("https://")

    def signing_key(self) -> str:
        """`secret_key`, else the one kept in the data folder: made on first use, readable by its owner alone."""
        if self.secret_key:
            return self.secret_key
        kept = self.data / "secret_key"
        if not kept.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            # Written aside, then linked whole: of workers that start at once the first to link decides.
            with NamedTemporaryFile(
                "w", dir=self.data, prefix=".secret_key-"
            ) as fresh:  # made with mode 0600
                fresh.write(secrets.token_urlsafe(32))
                fresh.flush()
                with suppress(FileExistsError):
                    os.link(fresh.name, kept)
        return kept.read_text(encoding="ascii")

    def to_environ(self) -> dict[str, str]:
        """The environment for a child process: this process's own, with these settings."""
        return dict(os.environ) | {row.env: _text(getattr(self, name)) for name, row in TABLE.items()}

    def shown(self) -> dict[str, str]:
        """Environment name → value as people may see it: no keys, and addresses without password and query."""
        return {row.env: _shown(row, getattr(self, name)) for name, row in TABLE.items()}


TABLE: Mapping[str, Setting] = {each.name: each.metadata["setting"] for each in fields(Settings)}
"""Field name → its row, in the order people read them."""


def _missing(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Settings that others need."""
    needed = {
        "smtp_url": ("mail_from", "base_url"),
        "oidc_issuer": ("oidc_client_id", "oidc_client_secret", "base_url"),
    }
    return [
        (
            f"设了 {TABLE[name].env} 就要设 {TABLE[other].env}。",
            f"{TABLE[name].env} needs {TABLE[other].env} too.",
        )
        for name, others in needed.items()
        if values.get(name)
        for other in others
        if other in values and not values[other]
    ]


def _retired(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Settings that are no more and whose silence would change what is answered."""
    return [RETIRED[name] for name in RETIRED if environ.get(name, "").strip()]


def _misspelt(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Unknown `ZHIXIN_` names one slip from a known one: ignored, they would cost somebody an evening."""
    known = [row.env for row in TABLE.values()]
    found = []
    for name in sorted(environ):
        if (
            name.startswith("ZHIXIN_")
            and name not in known
            and (near := get_close_matches(name, known, 1, 0.9))
        ):
            found.append(
                (
                    f"{name}：没有这个设置，是否想写 {near[0]}？",
                    f"{name} is no setting; did you mean {near[0]}?",
                )
            )
    return found


def _text(value: object) -> str:
    """What `parse` would turn into `value`."""
    return (";".join(value) or "off") if isinstance(value, tuple) else str(value)


def _shown(row: Setting, value: object) -> str:
    text = _text(value)
    if not text or row.hides == "nothing":
        return text
    if row.hides == "all":
        return "***"
    return re.sub(r"(?<=://)([^/@]*):.*@", r"\1:***@", text).partition("?")[0]


def reference() -> str:
    """The table as a page of Markdown."""
    lines = [
        "# 设置 · Settings",
        "",
        "由 `make docs` 从 `indexer/settings.py` 生成，请勿手改。设置都来自环境变量；凡有错的，启动时一次全部指出。",
        "",
        "Made by `make docs` from `indexer/settings.py`; do not edit. All settings are environment variables.",
        "Wrong ones stop the start and are all named at once.",
        "",
        "| 环境变量 | 默认 | 说明 |",
        "|---|---|---|",
    ]
    for row in TABLE.values():
        default = f"`{row.default}`" if row.default else "（无）"
        lines.append(f"| `{row.env}` | {default} | {row.help_zh}<br>{row.help_en} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(reference(), end="")
