"""Workers that keep the index up are killed at any moment: nothing is lost, nothing is brought back."""

import time
from random import Random

from indexer.register.withdrawing import withdraw
from indexer.sync import sync
from tests.faults.service import Service

KILLS = 20
BATCH = 150
SEED = 4


def test_workers_killed_at_twenty_random_points_leave_an_index_that_equals_the_register(
    service: Service,
) -> None:
    chance = Random(SEED)
    waited = []
    for kill in range(KILLS // 2):
        first = kill * BATCH
        service.take(range(first, first + BATCH))
        with service.followers(2) as followers:
            if kill % 2:
                service.wait_until_caught_up()
            else:
                time.sleep(chance.uniform(0.8, 2.5))  # while they start and bring up what waits
            service.take(range(first + BATCH // 2, first + BATCH), 发证机构="示例另一认证有限公司")
            if kill % 3 == 1:
                withdraw(service.register.engine, service.clock, service.register.version().number - 1, "试")
            time.sleep(chance.uniform(0.0, 0.5))
            for follower in followers:
                time.sleep(chance.uniform(0.0, 0.1))
                follower.kill()
        waited.append(service.queue.waiting(KILLS * BATCH))
    print(f"entries that waited after the kills: {waited}")
    sync(service.register, service.engine)
    service.assert_index_equals_register()
