"""A first call of the API, to be copied as it is: from a shell, in Python without a library, in JavaScript (docs/api.md).

tests/portal/test_first_call.py runs all three against a portal.
"""

from dataclasses import dataclass

ASKED = "电气"  # a search answers on every register


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The same question in one language."""

    language: str
    text: str


def first_calls(base: str) -> list[FirstCall]:
    """How to ask the portal at `base` (like https://credit.example.cn), each printing the names of what is found."""
    address = f"{base.rstrip('/')}/api/v1/search"
    return [
        FirstCall("curl", f"curl --silent --get --data-urlencode 'q={ASKED}' --data limit=3 '{address}'"),
        FirstCall(
            "Python",
            "import json\n"
            "from urllib.parse import urlencode\n"
            "from urllib.request import urlopen\n\n"
            f'asked = urlencode({{"q": "{ASKED}", "limit": 3}})\n'
            f'with urlopen(f"{address}?{{asked}}") as answer:\n'
            "    found = json.load(answer)\n"
            'for hit in found["results"]:\n'
            '    print(hit["name"], hit["title"], hit["url"])',
        ),
        FirstCall(
            "JavaScript",
            f'const asked = new URLSearchParams({{ q: "{ASKED}", limit: 3 }});\n'
            f"const answer = await fetch(`{address}?${{asked}}`);\n"
            "const found = await answer.json();\n"
            "for (const hit of found.results) {\n"
            "  console.log(hit.name, hit.title, hit.url);\n"
            "}",
        ),
    ]
