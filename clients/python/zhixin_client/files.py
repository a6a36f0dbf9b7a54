"""Files that are sent as they are (名单文件): a list of bidders as CSV or XLSX."""

from dataclasses import dataclass
from pathlib import Path

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA = {".csv": CSV, ".txt": CSV, ".xlsx": XLSX}


@dataclass(frozen=True)
class File:
    """The bytes of a file and what they are."""

    content: bytes
    media_type: str

    @classmethod
    def read(cls, path: str | Path) -> "File":
        """The file at a path; what it is follows from how its name ends. Raises ValueError for another ending, OSError."""
        path = Path(path)
        media_type = _MEDIA.get(path.suffix.lower())
        if media_type is None:
            raise ValueError(f"{path.name}: must end with {', '.join(_MEDIA)}")
        return cls(path.read_bytes(), media_type)
