"""Settings: defaults, refusals that name themselves, secrets that stay secret, and one reader of the environment."""

import ast
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from indexer.errors import SettingError
from indexer.search.elastic.opening import search_address
from indexer.settings import TABLE, Settings
from tests.servers import CHECKOUT

FULL = {
    "ZHIXIN_DATA": "/srv/zhixin",
    "ZHIXIN_DATABASE_URL": "postgresql://writer:hunter2@db.example.cn/zhixin?password=hunter3",
    "ZHIXIN_REDIS_URL": "rediss://:hunter4@cache.example.cn:6380/1",
    "ZHIXIN_RATE_LIMITS": "60/Minute; 2000/day",
    "ZHIXIN_SECRET_KEY": "a-key-of-enough-characters",
    "ZHIXIN_BASE_URL": "https://credit.example.cn/",
    "ZHIXIN_TRUSTED_PROXIES": "2",
    "ZHIXIN_LOG_LEVEL": "debug",
    "ZHIXIN_UNPACKED_LIMIT_MB": "12",
}


def refusal(**environ: str) -> SettingError:
    with pytest.raises(SettingError) as caught:
        Settings.from_environ(environ)
    return caught.value


def test_without_any_setting_all_is_embedded_in_the_data_folder() -> None:
    settings = Settings.from_environ({})
    assert settings.data == Path("var").absolute()
    assert settings.database_url == f"sqlite:///{settings.data}/register.sqlite3"
    assert settings.search_folder == settings.data / "search"
    assert settings.redis_url == settings.base_url == ""
    assert settings.rate_limits == ("1200/minute", "20000/day")
    assert settings.trusted_proxies == 0
    assert not settings.https
    assert settings == Settings()


def test_every_setting_is_taken_as_it_is_written() -> None:
    settings = Settings.from_environ(FULL)
    assert settings.database_url == FULL["ZHIXIN_DATABASE_URL"]
    assert settings.rate_limits == ("60/minute", "2000/day")
    assert settings.base_url == "https://credit.example.cn"
    assert settings.https
    assert (settings.trusted_proxies, settings.log_level, settings.unpacked_limit) == (2, "DEBUG", 12 * 2**20)


def test_an_empty_text_is_as_good_as_none() -> None:
    assert Settings.from_environ(dict.fromkeys(FULL, "")) == Settings.from_environ({})


def test_rate_limits_can_be_off() -> None:
    assert Settings.from_environ({"ZHIXIN_RATE_LIMITS": "off"}).rate_limits == ()


@pytest.mark.parametrize(
    ("env", "text"),
    [
        ("ZHIXIN_DATABASE_URL", "mysql://root@db/zhixin"),
        ("ZHIXIN_DATABASE_URL", "register.sqlite3"),
        ("ZHIXIN_DATABASE_URL", "postgresql://db:notaport/zhixin"),
        ("ZHIXIN_REDIS_URL", "http://cache"),
        ("ZHIXIN_REDIS_URL", "redis://"),
        ("ZHIXIN_RATE_LIMITS", "60"),
        ("ZHIXIN_RATE_LIMITS", "60/minute;"),
        ("ZHIXIN_RATE_LIMITS", "0/minute"),
        ("ZHIXIN_RATE_LIMITS", "60/minute;70/minute"),
        ("ZHIXIN_SECRET_KEY", "short"),
        ("ZHIXIN_BASE_URL", "credit.example.cn"),
        ("ZHIXIN_BASE_URL", "https://credit.example.cn/?q=1"),
        ("ZHIXIN_TRUSTED_PROXIES", "-1"),
        ("ZHIXIN_TRUSTED_PROXIES", "２"),
        ("ZHIXIN_LOG_LEVEL", "loud"),
        ("ZHIXIN_UNPACKED_LIMIT_MB", "0"),
        ("ZHIXIN_UNPACKED_LIMIT_MB", "4GB"),
    ],
)
def test_a_wrong_value_is_refused_and_names_itself(env: str, text: str) -> None:
    error = refusal(**{env: text})
    assert env in error.zh
    assert env in error.en


@pytest.mark.parametrize(
    ("url", "nodes", "login"),
    [
        ("http://h1", ("http://h1:9200",), None),
        ("https://search.example.cn", ("https://search.example.cn:443",), None),
        (
            "https://elastic:p%40ss@h1:9200,h2:9201/",
            ("https://h1:9200", "https://h2:9201"),
            ("elastic", "p@ss"),
        ),
        ("http://[::1]:9200,[::2]", ("http://[::1]:9200", "http://[::2]:9200"), None),
    ],
)
def test_several_hosts_of_elasticsearch_share_one_login(
    url: str, nodes: tuple[str, ...], login: tuple[str, str] | None
) -> None:
    address = search_address(Settings.from_environ({"ZHIXIN_SEARCH_URL": url}))
    assert (address.nodes, address.login) == (nodes, login)


@pytest.mark.parametrize(
    "url",
    [
        "h1:9200",
        "ftp://h1",
        "http://",
        "http://h1/path",
        "http://h1:99999",
        "http://user@h1",
        "http://h1,,h2",
    ],
)
def test_a_malformed_address_of_elasticsearch_is_refused_without_repeating_a_password(url: str) -> None:
    error = refusal(ZHIXIN_SEARCH_URL=url)
    assert "ZHIXIN_SEARCH_URL" in error.zh
    assert "h1" not in error.zh + error.en


def test_all_wrong_values_are_named_at_once() -> None:
    wrong = dict.fromkeys(
        TABLE[name].env for name in ("log_level", "rate_limits", "base_url", "trusted_proxies")
    )
    error = refusal(**dict.fromkeys(wrong, "?"))
    assert all(env in error.zh and env in error.en for env in wrong)


def test_a_misspelt_name_is_refused_with_the_right_one_and_a_foreign_one_is_left_alone() -> None:
    assert "ZHIXIN_DATABASE_URL" in refusal(ZHIXIN_DATABSE_URL="sqlite://").zh
    Settings.from_environ({"ZHIXIN_BACKUP_SCHEDULE": "daily", "PATH": "/bin"})


def test_no_secret_is_in_what_people_see_of_settings() -> None:
    settings = Settings.from_environ(FULL)
    for seen in (repr(settings), str(settings.shown())):
        assert "hunter" not in seen
        assert FULL["ZHIXIN_SECRET_KEY"] not in seen
    assert settings.shown()["ZHIXIN_DATABASE_URL"] == "postgresql://writer:***@db.example.cn/zhixin"
    wrong = refusal(ZHIXIN_DATABASE_URL="mysql://root:hunter2@db/zhixin", ZHIXIN_SECRET_KEY="hunter2")
    assert "hunter2" not in wrong.zh + wrong.en


def test_a_child_process_gets_the_same_settings() -> None:
    settings = Settings.from_environ(FULL | {"ZHIXIN_RATE_LIMITS": "off"})
    environ = settings.to_environ()
    assert Settings.from_environ(environ) == settings
    assert "PATH" in environ


def test_a_given_secret_key_signs() -> None:
    assert Settings(secret_key="a-key-of-enough-characters").signing_key() == "a-key-of-enough-characters"


def test_without_a_secret_key_all_workers_that_start_at_once_sign_with_the_same_kept_one(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "var")
    with ThreadPoolExecutor(8) as workers:
        keys = set(workers.map(lambda _: settings.signing_key(), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert [path.name for path in settings.data.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((settings.data / "secret_key").stat().st_mode) == 0o600


def test_every_field_is_a_row_with_its_own_name_and_both_helps() -> None:
    assert list(TABLE) == [field.name for field in fields(Settings)]
    for name, row in TABLE.items():
        assert row.env == f"ZHIXIN_{name.upper()}"
        assert row.help_zh.endswith("。")
        assert row.help_en.endswith(".")


def test_the_environment_is_read_in_one_place_only() -> None:
    readers = set()
    for path in [
        CHECKOUT / "wsgi.py",
        *(CHECKOUT / "indexer").rglob("*.py"),
        *(CHECKOUT / "portal").rglob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = (
                node.attr
                if isinstance(node, ast.Attribute)
                else node.name
                if isinstance(node, ast.alias)
                else ""
            )
            if name in ("environ", "environb", "getenv") and not _is_of_a_request(node):
                readers.add(str(path.relative_to(CHECKOUT)))
    assert readers == {"indexer/settings.py"}


def _is_of_a_request(node: ast.AST) -> bool:
    """Flask's `request.environ` is what one visitor sent, not this process's environment."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "request"
