"""The pages: the same answers as the API, for people. A view parses, asks, renders; one module for each page."""

from portal.pages import (
    api_docs,
    check,
    check_result,
    docs,
    home,
    lists,
    records,
    restrictions,
    search,
    subject,
    verify,
)
from portal.pages.frame import blueprint

__all__ = [
    "api_docs",
    "blueprint",
    "check",
    "check_result",
    "docs",
    "home",
    "lists",
    "records",
    "restrictions",
    "search",
    "subject",
    "verify",
]
