"""Areas (行政区域): what a text like 江苏省苏州市相城区渭塘镇, 苏州市相城区 or 320507 means, as a path in which what is inside begins with what is around.

`32` a province, `3205` a city, `320507` a county, `320507/渭塘镇` a town. A name that several places have (鼓楼区) and nothing before it tells
apart is none.
"""

import re

from indexer.text.normalise import normalise
from indexer.text.places import codes_at_head

_CODE = re.compile(r"\d{6}").fullmatch
_TOWN = re.compile(r"[\u4e00-\u9fff]{1,10}?(?:街道|苏木|[镇乡])")
COUNTY = 6  # digits


def area_in(text: str) -> str | None:
    """The area at the head of a text, such as that of an agency's name: 苏州市相城区市场监督管理局 → `320507`."""
    return _read(text)[0]


def area_of(text: str) -> str | None:
    """The area that a text names and nothing else."""
    area, rest = _read(text)
    return area if not rest else None


def inside(area: str | None, around: str) -> bool:
    """Whether an area is another one or lies in it."""
    return area is not None and (area == around or ("/" not in around and area.startswith(around)))


def _read(text: str) -> tuple[str | None, str]:
    plain = normalise("".join(text.split()))
    if _CODE(plain):
        return re.sub("(?:00)+$", "", plain), ""
    codes, rest = codes_at_head(plain)
    if len(codes) != 1:
        return None, rest
    [area] = codes
    town = _TOWN.match(rest) if len(area) == COUNTY else None
    return (f"{area}/{town[0]}", rest[town.end() :]) if town else (area, rest)
