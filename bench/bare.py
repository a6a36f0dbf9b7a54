"""The bare parts of ingest: read CSV, insert rows, cut words, add to Tantivy. What any program must spend on these rows, nothing more.

Run as `python -m bench.bare FILE FOLDER [--cutter jieba|rjieba]`; prints the seconds of each part as JSON.
"""

import argparse
import csv
import gzip
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import tantivy

Cut = Callable[[str], Iterable[str]]
LONG = "scope"  # the long text that is searched beside the name, where the file has it


def cutter(name: str) -> Cut:
    """The word cutter by name, loaded and warm."""
    if name == "rjieba":
        import rjieba

        rjieba.cut_for_search("示例")
        return cast(Cut, rjieba.cut_for_search)
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return cast(Cut, jieba.cut_for_search)


def run(path: Path, folder: Path, cut: Cut) -> dict[str, float]:
    """Seconds of each part for the rows of `path`."""
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        rows = [row for row in reader if len(row) == len(header)]
    seconds["csv"] = time.perf_counter() - started

    started = time.perf_counter()
    database = sqlite3.connect(folder / "bare.sqlite3")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(f"CREATE TABLE enterprise (id INTEGER PRIMARY KEY, {', '.join(header)})")
    marks = ", ".join("?" * len(header))
    with database:
        database.executemany(f"INSERT INTO enterprise ({', '.join(header)}) VALUES ({marks})", rows)
    database.close()
    seconds["insert"] = time.perf_counter() - started

    name, code, long = (
        header.index("name"),
        header.index("uscc"),
        header.index(LONG) if LONG in header else None,
    )
    started = time.perf_counter()
    words = [" ".join(cut(row[name])) for row in rows]
    texts = [" ".join(cut(row[long])) for row in rows] if long is not None else [""] * len(rows)
    seconds["cut"] = time.perf_counter() - started

    started = time.perf_counter()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("name", tokenizer_name="whitespace")
    builder.add_text_field("text", tokenizer_name="whitespace")
    target = folder / "bare-index"
    target.mkdir()
    writer = tantivy.Index(builder.build(), path=str(target)).writer(heap_size=128_000_000)
    for row, cut_name, cut_text in zip(rows, words, texts, strict=True):
        writer.add_document(tantivy.Document(id=row[code], name=cut_name, text=cut_text))
    writer.commit()
    writer.wait_merging_threads()
    seconds["tantivy"] = time.perf_counter() - started
    seconds["rows"] = len(rows)
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cutter", default="rjieba", choices=["jieba", "rjieba"])
    asked = parser.parse_args()
    print(json.dumps(run(asked.file, asked.folder, cutter(asked.cutter))))
