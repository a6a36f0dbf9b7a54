"""How often Python looks for cycles of garbage (循环引用回收): seldom, where rows come and go in thousands and hold none."""

import gc

COLLECT = (50_000, 20, 100)
"""Python's three thresholds. Its own (700, 10, 10) cost a quarter of an ingest, and some of making documents."""


def collect_rarely() -> None:
    """Set this process so; what the imports made is not looked at again."""
    gc.freeze()
    gc.set_threshold(*COLLECT)
