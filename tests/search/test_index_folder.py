"""Writing, rebuilding and what is said about a folder that can not be used."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.search.documents import Document
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.embedded.writer import EmbeddedWriter
from indexer.search.query import Query
from tests.search.conftest import put

FIRST = Document("a", 1, "enterprise", name="示例第一检测厂")
SECOND = Document("b", 2, "enterprise", name="示例第二检测厂")


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    engine = EmbeddedEngine(tmp_path / "index")
    with engine.writer() as writer:
        put(writer, [FIRST, SECOND])
    return engine


def found(engine: EmbeddedEngine, text: str = "示例检测厂") -> set[str]:
    return {hit.id for hit in engine.search(Query(text)).hits}


def test_an_error_in_the_block_drops_what_was_not_committed(engine: EmbeddedEngine) -> None:
    def failing() -> None:
        with engine.writer() as writer:
            writer.remove([("a", "")], at=2)
            assert isinstance(writer, EmbeddedWriter)
            writer.commit()
            writer.remove([("b", "")], at=2)
            raise KeyError("stop")

    with pytest.raises(KeyError):
        failing()
    assert found(engine) == {"b"}


def test_a_second_writer_is_told_so_and_the_first_goes_on(engine: EmbeddedEngine) -> None:
    other = EmbeddedEngine(engine._generations.folder)
    with engine.writer() as writer:
        for second in (other.writer(), other.rebuild()):
            with pytest.raises(ServiceUnavailable, match="另一个进程"), second:
                pass
        writer.remove([("a", "")], at=2)
    with other.writer() as writer:
        writer.remove([("b", "")], at=2)
    assert engine.count() == 0


def test_a_commit_by_another_process_is_seen_within_two_seconds(engine: EmbeddedEngine) -> None:
    assert found(engine) == {"a", "b"}
    program = (
        "import sys; from pathlib import Path\n"
        "from indexer.search.embedded.engine import EmbeddedEngine; from indexer.search.documents import Document\n"
        "with EmbeddedEngine(Path(sys.argv[1])).writer() as writer:\n"
        "    writer.put(writer.prepare([Document('c', 3, 'enterprise', name='示例第三检测厂')], 3)); writer.commit()\n"
        "    print('committed', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(engine._generations.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "committed\n"
        committed = time.monotonic()
        while "c" not in found(engine):
            assert time.monotonic() - committed < 2
        process.communicate("")
    assert process.returncode == 0


def test_readers_answer_during_a_rebuild_and_see_it_at_its_end(engine: EmbeddedEngine) -> None:
    reader = EmbeddedEngine(engine._generations.folder)
    assert found(reader) == {"a", "b"}
    for round_ in range(3):
        with engine.rebuild() as writer:
            put(writer, [Document(f"new{round_}", 1, "enterprise", name="示例重建检测厂")])
            writer.settle()
            assert f"new{round_}" not in found(reader)
        assert found(reader) == {f"new{round_}"}
    assert len([path for path in engine._generations.folder.iterdir() if path.is_dir()]) == 2


def live(engine: EmbeddedEngine) -> Path:
    generation = engine._generations.current()
    assert generation is not None
    return generation


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "schema.json").write_text('{"built_from": "another release"}'),
        lambda folder: (folder / "schema.json").write_text("{"),
        lambda folder: (folder / "schema.json").unlink(),
        lambda folder: (folder / "meta.json").write_text("{"),
        lambda folder: (folder / "meta.json").unlink(),
        lambda folder: [path.write_bytes(b"x") for path in folder.glob("*.idx")],
        lambda folder: (folder.parent / "current").write_text("../../elsewhere"),
        lambda folder: (folder.parent / "current").write_bytes(b"\xff\xfe"),
        lambda folder: (folder.parent / "current").write_text("g999999"),
    ],
    ids=[
        "older",
        "torn schema",
        "no schema",
        "torn meta",
        "no meta",
        "torn segment",
        "path",
        "bytes",
        "gone",
    ],
)
def test_a_harmed_index_says_reindex_and_a_rebuild_mends_it(engine: EmbeddedEngine, harm) -> None:  # type: ignore[no-untyped-def]
    harm(live(engine))
    again = EmbeddedEngine(engine._generations.folder)
    assert not again.ready()
    with pytest.raises(ZhixinError, match=r"zhixin (reindex|doctor)") as told:
        again.search(Query("示例"))
    assert "g0000" not in told.value.zh + told.value.en
    with again.rebuild() as writer:
        put(writer, [FIRST])
    assert found(again) == {"a"}


def test_a_forked_server_reads_what_its_parent_had_open(engine: EmbeddedEngine) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from indexer.search.embedded.engine import EmbeddedEngine; from indexer.search.query import Query\n"
        "engine = EmbeddedEngine(Path(sys.argv[1])); engine.search(Query('示例'))\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if engine.search(Query('示例')).total == 2 else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    command = [sys.executable, "-c", program, str(engine._generations.folder)]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
