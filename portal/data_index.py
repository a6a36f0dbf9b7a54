"""The index of the downloads for programs (数据目录): a catalogue in the words of DCAT 3 (W3C), JSON-LD, in Chinese and English."""

from typing import Any

from indexer.opendata.downloads import Downloads
from indexer.opendata.manifest import FORMATS, Whole
from indexer.opendata.persons import leaving
from indexer.opendata.rows import headings

TITLE = {"zh": "质信公示数据", "en": "Public records of Zhixin"}
TERMS = {
    "zh": "可自由查阅、复制和再利用，须注明来源和数据日期，不得改变原意。信息由数据来源单位负责；与法定公示渠道不一致的，以法定渠道为准。"
    "已修复、撤下或公示期满的记录不再公示：再利用者须按最新文件及时删除，不得继续展示和使用。",
    "en": "May be read, copied and reused freely, naming the source and the day of the data and without changing its meaning. The sources answer "
    "for what it says; where it differs from the statutory channels, those hold. Records that were repaired, withdrawn or are past their "
    "publicity are public no more: whoever reuses the data has to remove them by the newest file, and may not go on showing or using them.",
}
PERSONS = {
    "zh": "不含从业人员、自然人和个体工商户的记录：这些不成批提供，可在网页上逐条查询。",
    "en": "Without the records of practitioners, natural persons and sole traders: they do not leave in bulk and can be asked for one by one.",
}
MEDIA = {"csv": "text/csv", "jsonl": "application/jsonl"}
CONTEXT: dict[str, Any] = {
    "@vocab": "http://www.w3.org/ns/dcat#",
    "title": {"@id": "http://purl.org/dc/terms/title", "@container": "@language"},
    "identifier": "http://purl.org/dc/terms/identifier",
    "modified": "http://purl.org/dc/terms/modified",
    "rights": {"@id": "http://purl.org/dc/terms/rights", "@container": "@language"},
    "description": {"@id": "http://purl.org/dc/terms/description", "@container": "@language"},
    "downloadURL": {"@type": "@id"},
    "accessURL": {"@type": "@id"},
    "sha256": "http://spdx.org/rdf/terms#checksumValue",
    "columns": "http://www.w3.org/ns/csvw#column",
    "name": "http://www.w3.org/ns/csvw#name",
    "heading": "http://www.w3.org/ns/csvw#title",
    "type": "http://www.w3.org/ns/csvw#datatype",
}


def catalogue(downloads: Downloads, site: str) -> dict[str, Any]:
    """The catalogue; `site` is the address that links begin with. Raises ServiceUnavailable where nothing was made yet."""
    manifest = downloads.current()
    stale = downloads.stale(manifest)
    return {
        "@context": CONTEXT,
        "@type": "Catalog",
        "title": TITLE,
        "rights": TERMS,
        "description": PERSONS,
        "modified": manifest.at.instant,
        "day": manifest.at.day,
        "register_version": manifest.at.version.number,
        "change_feed": {
            "position": manifest.position,
            "accessURL": changes_since(manifest.position, site) if manifest.position else None,
        },
        "dataset": [
            _dataset(name, manifest.kinds[name], f"{site}/data", updating=name in stale)
            for name in leaving()
            if name in manifest.kinds
        ],
    }


def changes_since(position: str, site: str) -> str:
    """Where the change feed goes on from a position."""
    return f"{site}/api/v1/changes?since={position}"


def _dataset(name: str, whole: Whole, folder: str, *, updating: bool) -> dict[str, Any]:
    kind = leaving()[name]
    return {
        "@type": "Dataset",
        "identifier": name,
        "title": {"zh": kind.label, "en": kind.label_en},
        "records": whole.records,
        "left_out": whole.left_out,
        "updating": updating,
        "distribution": [
            {
                "@type": "Distribution",
                "downloadURL": f"{folder}/{name}.{form}.gz",
                "mediaType": MEDIA[form],
                "compressFormat": "application/gzip",
                "byteSize": whole.size(form),
                "sha256": whole.sha256[form],
            }
            for form in FORMATS
        ],
        "columns": [
            {
                "heading": each.heading,
                "name": each.name,
                "type": each.type,
                "description": {"zh": each.zh, "en": each.en},
            }
            for each in headings(name)
        ],
    }
