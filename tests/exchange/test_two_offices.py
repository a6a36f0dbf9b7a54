"""Two registers that exchange: what one publishes the other has, what one repairs the other drops, and both know it."""

from indexer.accounts.acting import acting
from indexer.register.repairing import set_repaired
from tests.exchange.conftest import Pair, penalty


def test_what_one_publishes_the_other_has_and_says_so(pair: Pair) -> None:
    pair.city.take_in(penalty(1), penalty(2, firm=2))
    pair.minute()
    assert len(pair.city.public()) == 2
    assert pair.province.public() == pair.city.public()
    assert pair.city.events("province") == [">made", ">sent", ">acknowledged"]
    assert pair.province.events("city") == ["<arrived", "<settled"]


def test_a_repaired_record_is_dropped_and_confirmed(pair: Pair) -> None:
    pair.city.take_in(penalty(1), penalty(2, firm=2))
    pair.minute()
    [repaired, _kept] = sorted(pair.city.public())
    with acting(pair.city.engine, pair.city.clock, pair.city.operator) as act:
        set_repaired(act.connection, pair.city.clock, repaired, "已修复")
    pair.minute()
    assert repaired not in pair.province.public()
    assert pair.province.public() == pair.city.public()
    [removal] = pair.city.removals()
    assert (removal.record_id, removal.reason) == (repaired, "repaired")
    assert pair.city.deliveries()[-1].state == "settled"
