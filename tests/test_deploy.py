"""What users start in containers names settings, commands and addresses that there are, and no secret. Nothing is started here."""

import re
import tomllib
from pathlib import Path

import pytest

from indexer.cli import GUNICORN
from indexer.jobs import JOBS
from indexer.serving import FOLDER
from indexer.settings import TABLE, Settings
from portal.app import create_app
from portal.cli import main
from tests.servers import CHECKOUT

MANIFESTS = sorted((CHECKOUT / "docs" / "kubernetes").glob("*.yaml"))
FILES = [
    CHECKOUT / name for name in ("compose.yaml", "Dockerfile", ".env.example", "docs/deploy.md")
] + MANIFESTS


def read(path: Path | str) -> str:
    return (CHECKOUT / path).read_text(encoding="utf-8")


def everything() -> str:
    return "\n".join(read(path) for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(path: Path) -> None:
    assert set(re.findall(r"ZHIXIN_[A-Z_]*[A-Z]", read(path))) <= {row.env for row in TABLE.values()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_that_is_named_is_one(path: Path) -> None:
    told = re.sub(r'"(, )?"?', " ", read(path))
    named = re.findall(r"(?:^|[\s`\[])zhixin +([a-z]+)(?= |`|\]|$)", told, re.MULTILINE)
    assert set(named) <= set(main.commands)


def test_the_worker_follows_and_the_portal_does_not() -> None:
    for path in ("compose.yaml", "docs/kubernetes/sync.yaml"):
        assert 'command: ["zhixin", "sync", "--follow"]' in read(path)
    assert "zhixin serve" not in re.sub("#.*", "", everything().replace(read("docs/deploy.md"), ""))


def test_the_image_runs_gunicorn_as_the_command_does_and_not_as_root() -> None:
    dockerfile = read("Dockerfile")
    started = re.findall(r'"([^"]+)"', dockerfile.partition("\nCMD [")[2])
    assert started[:2] == ["gunicorn", "wsgi:app"]
    assert " ".join(GUNICORN) in " ".join(started)
    assert re.search(r"^USER 10001$", dockerfile, re.MULTILINE)
    assert "runAsUser: 10001" in read("docs/kubernetes/portal.yaml")
    assert "--require-hashes -r requirements.lock" in dockerfile


def test_what_the_image_takes_off_again_is_what_only_tests_need() -> None:
    wanted = tomllib.loads(read("pyproject.toml"))["project"]
    names = {re.match("[a-z0-9-]+", name)[0] for name in wanted["optional-dependencies"]["dev"]}  # type: ignore[index]
    needed = {re.match("[a-z0-9-]+", name)[0] for name in wanted["dependencies"]}  # type: ignore[index]
    assert "setuptools" in names
    assert not names & needed


def test_probes_ask_for_addresses_that_there_are(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path))
    addresses = {rule.rule for rule in app.url_map.iter_rules()}
    asked = re.findall(r"path: (/\w+)", read("docs/kubernetes/portal.yaml"))
    asked += re.findall(r"127\.0\.0\.1:8000(/\w+)", read("compose.yaml"))
    assert len(asked) == 4
    assert set(asked) == {"/healthz", "/readyz"} <= addresses


def test_no_secret_is_written_down() -> None:
    for line in read(".env.example").splitlines():
        name, _, value = line.partition("=")
        if "PASSWORD" in name or "SECRET" in name:
            assert value == "" or line.startswith("#"), line
    for name, value in re.findall(
        r"^ +(\w*(?:PASSWORD|SECRET|KEY|_URL)\w*): (.+)$", read("compose.yaml"), re.MULTILINE
    ):
        assert "${" in value or name == "ZHIXIN_REDIS_URL", name
    secrets = re.findall(r"^  (ZHIXIN_\w+): (\S+)", read("docs/kubernetes/secret.example.yaml"), re.MULTILINE)
    assert secrets
    for _, value in secrets:
        assert ".example" in value or value.isupper() or "AT-LEAST" in value, value
    for kept_out in (".gitignore", ".dockerignore"):
        assert ".env" in read(kept_out).splitlines()


def test_every_variable_of_compose_is_explained_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", read("compose.yaml")))
    assert asked == set(re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE))


def test_the_manifests_name_what_they_make_and_are_all_applied() -> None:
    text = "\n".join(read(path) for path in MANIFESTS)
    made = set(re.findall(r"^metadata:\n  name: ([\w-]+)", text, re.MULTILINE))
    asked = set(re.findall(r"(?:configMapRef|secretRef|configMap): \{name: ([\w-]+)\}", text))
    assert asked == {"zhixin-settings", "zhixin-secrets", "zhixin-search-ca"} <= made
    applied = re.findall(
        r"[\w.]+\.yaml", read("docs/kubernetes/kustomization.yaml").partition("resources:")[2]
    )
    names = {path.name for path in MANIFESTS} - {"kustomization.yaml", "secret.example.yaml"}
    assert set(applied) == names
    assert names <= set(re.findall(r"[\w.]+\.yaml", read("docs/deploy.md")))


def test_portal_and_worker_share_one_volume_for_all_that_is_no_row_of_the_register(tmp_path: Path) -> None:
    assert re.search(r"ZHIXIN_DATA=/data\b", read("Dockerfile"))
    [claim] = re.findall(
        r"kind: PersistentVolumeClaim\nmetadata:\n  name: ([\w-]+)", read("docs/kubernetes/data.yaml")
    )
    assert "accessModes: [ReadWriteMany]" in read("docs/kubernetes/data.yaml")
    for name in ("portal.yaml", "worker.yaml"):
        told = read(f"docs/kubernetes/{name}")
        volumes = dict(re.findall(r"- \{name: (\w+), (\w+):", told.partition("      volumes:")[2]))
        mounts = re.findall(r"- \{name: (\w+), mountPath: (/data\S*)\}", told)
        assert volumes["data"] == "persistentVolumeClaim" and f"claimName: {claim}" in told
        # All else below /data is in the volume, and what a pod keeps to itself is none of what they share.
        assert (
            dict(mounts) == {"data": "/data", "serving": f"/data/{FOLDER}"}
            and volumes["serving"] == "emptyDir"
        )
    settings = Settings(data=tmp_path)
    for shared in (settings.downloads_folder, settings.statistics_file, settings.files_folder):
        assert shared.is_relative_to(tmp_path) and not shared.is_relative_to(tmp_path / FOLDER)


@pytest.mark.parametrize("path", ["compose.yaml", "docs/kubernetes/worker.yaml"])
def test_some_process_does_every_job(path: str) -> None:
    [worked] = re.findall(r'command: \["zhixin", "work", (.+)\]', read(path))
    assert {*re.findall(r'"([a-z]+)"', worked), "sync"} == {job.name for job in JOBS}


def test_the_links_of_the_document_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", read("docs/deploy.md")):
        assert (CHECKOUT / "docs" / target).exists(), target
    assert "docs/deploy.md" in read("README.md")
