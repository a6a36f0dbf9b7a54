"""Files that somebody sent (附件), given out: saved and never opened in the page, kept by no cache, and without rights where one is opened."""

from io import BytesIO
from pathlib import Path

from flask import Response, send_file

from indexer.accounts.files import Kept
from portal.context import portal
from portal.headers import keep_to_browser


def attachment(file: BytesIO | Path, media_type: str, name: str) -> Response:
    """A file under a name of ours. Who may have it is for the caller to say."""
    answer = send_file(file, media_type, as_attachment=True, download_name=name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return keep_to_browser(answer)


def kept_file(kept: Kept) -> Response:
    """The same for a file that is kept. Raises NotFound where its folder has lost it."""
    content = BytesIO(portal().accounts.files.content(kept))
    return attachment(content, kept.media_type, kept.download_name)
