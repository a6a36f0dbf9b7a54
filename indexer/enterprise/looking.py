"""Looking at what is not public (查阅留存信息): every look is written into the audit before anything is given."""

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.identifiers import parse_codes
from indexer.register.holding import Holding, held_about, nothing_held
from indexer.register.reading import Register


def look(register: Register, caller: Caller, code: str, at: str) -> Holding:
    """What is held about the subject of a unified code, be it nothing. `at` says what was looked at: a page, or a record's id.

    Whether the caller may is for the guard of the route to say. Raises DatabaseBusy where the look can not be written down.
    """
    with acting(register.engine, register.clock, caller) as act:
        act.note(Act.RECORD_VIEWED, f"subject:{code}", after=at)
    codes = parse_codes(code)
    return held_about(register, codes) or nothing_held(register, codes)
