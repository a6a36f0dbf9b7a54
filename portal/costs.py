"""What records cost that are read page by page (计次): each twenty of them count as one request.

So the requests in which a register can be read through its pages do not get fewer as the pages get longer, and under every plan the whole is
had faster from /data (docs/keys.md has the figures, tests/portal/test_costs.py works them out).
"""

from portal.limits import charge

RECORDS = 20
"""Records that count as one request: what a page of the search shows."""


def cost_of(records: int) -> int:
    """As how many requests an answer of so many records counts: 1 up to 20, 2 up to 40."""
    return max(1, -(-records // RECORDS))


def charge_records(records: int) -> None:
    """Count the current request by the records that it gives out, once they are found and before they are rendered.

    At most once in a request, as `portal.limits.charge`, whose errors it raises.
    """
    charge(cost_of(records))
