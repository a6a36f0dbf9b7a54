"""All record kinds, found by looking: every module of this package that defines `KIND`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from indexer.kinds.base import Kind


@cache
def kinds() -> dict[str, Kind]:
    """Every record kind by name, in the order of their sections on the credit file."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found: list[Kind] = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (kind.section.order, kind.name))}
