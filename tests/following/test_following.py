"""Who follows is told once, in one letter a day, of what is public when the letter is sent, and of nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from indexer.accounts.links import LinkEnded
from indexer.accounts.models import Letter
from indexer.accounts.people import People
from indexer.accounts.roles import Role
from indexer.errors import InvalidParameter, NotFound
from indexer.following.followings import LASTS
from indexer.following.models import Follower, Following, News
from indexer.following.targets import Target, checked
from indexer.register.models import Version
from indexer.register.withdrawing import withdraw
from tests.accounts.cast import somebody
from tests.following.conftest import MAIL, NETWORK, ONE, SITE, TWO, Scene, link_in
from tests.register.conftest import row

GONE = "一条记录已不再公示"


def tomorrow(scene: Scene, days: int = 1) -> None:
    scene.desk.clock.instant += timedelta(days=days)


def test_nothing_is_told_before_the_address_has_confirmed(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.followings.ask(NETWORK, MAIL, Target("subject", ONE))
    [letter] = scene.letters()
    scene.certificates(["示例-1"])
    assert scene.news() == []
    scene.followings.confirm(NETWORK, link_in(letter, "confirm/"))
    assert scene.news() == []  # it begins with the confirmation
    scene.certificates(["示例-2"])
    [told] = scene.news()
    assert "示例-2" in told
    assert "示例-1" not in told


def test_what_changes_is_told_once_and_in_one_letter_a_day(scene: Scene) -> None:
    scene.enterprises(ONE, TWO)
    scene.follow("subject", ONE)
    scene.follow("list", "red")
    scene.certificates(["示例-1"])
    scene.desk.publish(
        "listing", [row(2, "示例1号有限公司", TWO, list="red", scheme="示例红榜", listed_on="2026-02-01")]
    )
    [told] = scene.news()
    assert "■ 示例0号有限公司：1 处变动" in told
    assert f"{SITE}/subjects/{ONE}" in told
    assert "■ 红名单：1 处变动" in told
    assert "示例红榜" in told
    assert scene.news() == []
    scene.certificates(["示例-2"])
    scene.certificates(["示例-3"])
    assert scene.news() == []  # the same day
    tomorrow(scene)
    [told] = scene.news()
    assert "2 处变动" in told
    tomorrow(scene)
    assert scene.news() == []


def test_a_digest_waits_for_the_morning(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.follow("subject", ONE)
    scene.desk.clock.instant = scene.desk.clock.instant.replace(hour=16)  # midnight in Shanghai
    scene.certificates(["示例-1"])
    assert scene.work() == 0
    scene.desk.clock.instant = scene.desk.clock.instant.replace(hour=23, minute=59)
    assert scene.work() == 0
    scene.desk.clock.instant += timedelta(minutes=1)  # eight in the morning
    assert scene.work() == 1


def test_ten_thousand_changes_are_one_letter_with_the_number_and_the_first_twenty(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.follow("subject", ONE)
    scene.follow("list", "red")
    scene.certificates([f"示例-{at:05}" for at in range(10_000)])
    [told] = scene.news()
    assert "10,000 处变动" in told
    assert told.count("/records/") == 20
    assert len(told) < 5000


def test_a_record_that_was_withdrawn_before_the_letter_is_sent_is_not_told_in_detail(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.follow("subject", ONE)
    scene.certificates(["示例-机密", "示例-2"])
    assert scene.work() == 1  # the letter waits
    number = scene.desk.register.version().number
    withdraw(scene.desk.engine, scene.desk.clock, number, "示例")
    scene.certificates(["示例-2"])
    [letter] = scene.letters()
    told = letter.get_content()
    assert "示例-机密" not in told
    assert told.count(GONE) == 1
    assert "示例-2" in told


def test_an_enterprise_of_which_nothing_is_public_any_more_is_not_named(scene: Scene) -> None:
    scene.enterprises(ONE)
    number = scene.desk.register.version().number
    scene.follow("subject", ONE)
    scene.desk.publish("enterprise", [row(2, "示例改名有限公司", ONE)])
    assert scene.work() == 1  # the letter waits
    for batch in (number, number + 1):
        withdraw(scene.desk.engine, scene.desk.clock, batch, "示例")
    [letter] = scene.letters()
    assert f"■ {ONE}：1 处变动" in letter.get_content()
    assert "改名" not in letter.get_content()
    assert GONE in letter.get_content()


def test_a_record_that_stops_being_public_is_told_as_such_and_one_that_never_was_not_at_all(
    scene: Scene,
) -> None:
    scene.enterprises(ONE)
    scene.certificates(["示例-1"])
    number = scene.desk.register.version().number
    scene.follow("subject", ONE)
    scene.desk.publish(
        "penalty",
        [
            row(
                2,
                "示例0号有限公司",
                ONE,
                document_number="示例〔2026〕1号",
                cause="示例案由",
                kinds="警告",
                decided_on="2026-02-01",
                authority="示例局",
            )
        ],
    )
    with scene.desk.engine.connect() as connection:
        assert connection.scalar(select(Version.withheld).where(Version.kind == "penalty"))
    assert scene.news() == []
    withdraw(scene.desk.engine, scene.desk.clock, number, "示例")
    [told] = scene.news()
    assert "1 处变动" in told
    assert GONE in told
    assert "示例-1" not in told


def test_what_came_and_went_between_two_looks_is_no_news(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.follow("subject", ONE)
    scene.certificates(["示例-1"])
    withdraw(scene.desk.engine, scene.desk.clock, scene.desk.register.version().number, "示例")
    assert scene.news() == []


def test_a_search_is_told_what_it_finds_and_nothing_near(scene: Scene) -> None:
    scene.enterprises(ONE, TWO)
    scene.follow("search", "q=恒润电气")
    scene.follow("search", "q=恒润电气&kind=certificate", "other@firm.example")
    scene.desk.publish("enterprise", [row(2, "示例恒运电器有限公司", TWO)])
    assert scene.news() == []
    scene.desk.publish("enterprise", [row(2, "示例恒润电气有限公司", TWO)])
    [told] = scene.news()
    assert "■ “恒润电气”的搜索结果：1 处变动" in told
    assert "示例恒润电气有限公司" in told


def test_a_list_of_a_region_is_told_of_that_region_alone(scene: Scene) -> None:
    scene.enterprises(ONE, TWO)
    scene.follow("list", "red 江苏省")
    for code, region in ((ONE, "浙江省"), (TWO, "江苏省")):
        scene.desk.publish(
            "listing",
            [row(2, "示例", code, list="red", scheme="示例红榜", listed_on="2026-02-01", region=region)],
        )
    [told] = scene.news()
    assert "■ 红名单（江苏省）：1 处变动" in told


def test_days_that_turn_a_certificate_are_told_on_the_day_and_missed_ones_once(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.certificates(["示例-1"], valid_until="2026-03-04")
    scene.certificates(["示例-2"], valid_until="2026-03-07")
    scene.follow("subject", ONE)
    tomorrow(scene, 2)  # 4 March: the last day
    assert scene.news() == []
    tomorrow(scene)
    [told] = scene.news()
    assert "示例-1" in told and "过期失效" in told and "1 处变动" in told
    tomorrow(scene, 30)
    [told] = scene.news()
    assert "示例-2" in told and "1 处变动" in told
    scene.desk.clock.instant -= timedelta(days=20)  # a clock that was set back repeats nothing
    assert scene.news() == []
    tomorrow(scene, 21)
    assert scene.news() == []


def test_people_of_an_enterprise_are_told_of_theirs_until_they_turn_it_off_or_leave(scene: Scene) -> None:
    scene.enterprises(ONE, TWO)
    here = somebody(scene.accounts, "here@firm.example", Role.ENTERPRISE, ONE)
    gone = somebody(scene.accounts, "gone@firm.example", Role.ENTERPRISE, ONE)
    somebody(scene.accounts, "officer@firm.example", Role.OFFICER, "示例中心")
    scene.work()
    scene.certificates(["示例-1"])
    scene.work()
    assert sorted(letter["To"] for letter in scene.letters()) == [here.mail, gone.mail][::-1]
    people = People(scene.accounts.engine, scene.desk.clock)
    [membership] = [
        each.membership for each in people.of(Role.ENTERPRISE, ONE) if each.account == gone.account
    ]
    people.dismiss(NETWORK, membership)
    scene.certificates(["示例-2"])
    tomorrow(scene)
    scene.work()
    assert [letter["To"] for letter in scene.letters()] == [here.mail]
    scene.followings.pace(scene.followings.token_of(here.mail), "off")
    scene.certificates(["示例-3"])
    tomorrow(scene)
    assert scene.news() == []
    assert scene.followings.overview_of(here.mail).held == []


def test_who_wants_its_own_soon_gets_them_within_the_hour_beside_the_digest(scene: Scene) -> None:
    scene.enterprises(ONE, TWO)
    own = somebody(scene.accounts, MAIL, Role.ENTERPRISE, ONE)
    scene.follow("subject", TWO)
    scene.followings.pace(scene.followings.token_of(own.mail), "soon")
    scene.work()
    scene.certificates(["示例-1"])
    assert len(scene.news()) == 1  # the digest of the day
    scene.certificates(["示例-2"])
    scene.certificates(["示例-9"], TWO)
    [told] = scene.news()
    assert "示例-2" in told
    assert "示例-9" not in told
    scene.desk.clock.instant += timedelta(minutes=-70)
    scene.certificates(["示例-3"])
    assert scene.news() == []  # an hour has not passed
    scene.desk.clock.instant += timedelta(minutes=70)
    [told] = scene.news()
    assert "示例-3" in told


def test_asking_for_what_is_followed_already_tells_only_the_reader_of_the_letters(scene: Scene) -> None:
    scene.enterprises(ONE)
    token = scene.follow("subject", ONE)
    scene.followings.ask(NETWORK, MAIL, Target("subject", ONE))
    [letter] = scene.letters()
    assert letter["Subject"] == "您已经在关注 · You follow it already"
    assert link_in(letter) == token
    assert len(scene.followings.overview(token).held) == 1


def test_letters_that_anybody_can_cause_are_few_and_hold_up_no_other(scene: Scene) -> None:
    scene.enterprises(ONE)
    somebody(scene.accounts, MAIL)
    for _ in range(10):
        scene.followings.ask(NETWORK, MAIL, Target("subject", ONE))
    assert len(scene.letters()) == 3
    scene.accounts.links.ask_reset(NETWORK, MAIL)
    assert [letter["Subject"] for letter in scene.letters()] == ["重设密码 · Set a new password"]


def test_one_network_can_not_write_to_everybody(scene: Scene) -> None:
    scene.enterprises(ONE)
    for at in range(100):
        scene.followings.ask(NETWORK, f"victim{at}@firm.example", Target("subject", ONE))
    assert len(scene.letters()) <= 60


def test_the_letter_that_asks_repeats_no_words_that_somebody_else_typed(scene: Scene) -> None:
    scene.followings.ask(NETWORK, MAIL, Target("search", "q=买药请加微信"))
    [letter] = scene.letters()
    assert "微信" not in letter.get_content()


def test_a_link_ends_and_confirms_only_its_own(scene: Scene) -> None:
    scene.enterprises(ONE, TWO)
    scene.followings.ask(NETWORK, MAIL, Target("subject", ONE))
    scene.followings.ask(NETWORK, MAIL, Target("subject", TWO))
    first, second = (link_in(letter, "confirm/") for letter in scene.letters())
    token = scene.followings.confirm(NETWORK, first)
    assert scene.followings.confirm(NETWORK, first) == token
    assert [held.target.key for held in scene.followings.overview(token).held] == [ONE]
    scene.desk.clock.instant += LASTS
    with pytest.raises(LinkEnded):
        scene.followings.confirm(NETWORK, second)


def test_one_ends_one_s_own_followings_and_nobody_else_s(scene: Scene) -> None:
    scene.enterprises(ONE)
    mine = scene.follow("subject", ONE)
    theirs = scene.follow("subject", ONE, "other@firm.example")
    [other] = scene.followings.overview(theirs).held
    with pytest.raises(NotFound):
        scene.followings.end(mine, other.id)
    scene.certificates(["示例-1"])
    scene.work()
    scene.letters()
    scene.certificates(["示例-2"])
    tomorrow(scene)
    scene.followings.end_all(mine)
    scene.work()
    assert [letter["To"] for letter in scene.letters()] == ["other@firm.example"]
    scene.followings.end_all(mine)  # once more is no error


def test_letters_carry_the_one_click_end_of_rfc_8058(scene: Scene) -> None:
    scene.enterprises(ONE)
    token = scene.follow("subject", ONE)
    scene.certificates(["示例-1"])
    scene.work()
    [letter] = scene.letters()
    assert letter["List-Unsubscribe"] == f"<{SITE}/follow/{token}/stop>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{SITE}/follow/{token}\n" in letter.get_content()


def test_no_token_stands_in_the_database(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.followings.ask(NETWORK, MAIL, Target("subject", ONE))
    [letter] = scene.letters()
    link = link_in(letter, "confirm/")
    token = scene.followings.confirm(NETWORK, link)
    scene.certificates(["示例-1"])
    scene.work()
    with scene.desk.engine.connect() as connection:
        for table in (Follower, Following, News, Letter):
            for found in connection.execute(select(table.__table__)):
                assert token not in str(found)
                assert link not in str(found)


def test_a_key_of_the_seal_that_changed_makes_new_tokens(scene: Scene) -> None:
    scene.enterprises(ONE)
    token = scene.follow("subject", ONE)
    with scene.desk.engine.begin() as connection:
        connection.execute(update(Follower).values(token="sealed otherwise"))
    scene.certificates(["示例-1"])
    scene.work()
    [letter] = scene.letters()
    new = link_in(letter)
    assert new != token
    assert len(scene.followings.overview(new).held) == 1


@pytest.mark.parametrize(
    ("what", "key"),
    [
        ("own", ONE),
        ("subject", TWO),
        ("subject", "x"),
        ("list", "grey"),
        ("search", "q="),
        ("search", "q=示例"),  # not as it is written
        ("search", "q=%E7%A4%BA&page=2"),
        ("search", "q=%E7%A4%BA%0A"),
        ("search", "q=%E7%A4%BA&year=x"),
        ("search", "q=" + "a" * 4000),
        ("everything", "x"),
    ],
)
def test_what_is_nothing_to_follow_is_refused(scene: Scene, what: str, key: str) -> None:
    scene.enterprises(ONE)
    with pytest.raises(InvalidParameter):
        checked(scene.desk.register, what, key)


def test_what_can_be_followed_is_taken(scene: Scene) -> None:
    scene.enterprises(ONE)
    for what, key in (
        ("subject", ONE),
        ("list", "black"),
        ("list", "red 江苏省"),
        ("search", "q=%E7%A4%BA%E4%BE%8B&year=2026"),
    ):
        assert checked(scene.desk.register, what, key).key == key


def test_an_enterprise_that_is_taken_over_by_another_person_is_followed_by_that_one(scene: Scene) -> None:
    scene.enterprises(ONE)
    new = somebody(scene.accounts, MAIL)
    scene.work()
    with scene.desk.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM following")).scalar_one() == 0
    people = People(scene.accounts.engine, scene.desk.clock)
    people.grant(NETWORK, new.account, Role.ENTERPRISE, ONE, "claim")
    scene.work()
    assert [held.target for held in scene.followings.overview_of(MAIL).held] == [Target("own", ONE)]


def test_workers_that_run_at_once_tell_everybody_once(scene: Scene) -> None:
    scene.enterprises(ONE)
    scene.follow("subject", ONE)
    scene.follow("subject", ONE, "other@firm.example")
    own = somebody(scene.accounts, "own@firm.example", Role.ENTERPRISE, ONE)
    scene.work()
    scene.certificates(["示例-1", "示例-2"])
    with ThreadPoolExecutor(4) as workers:
        queued = list(workers.map(lambda _: scene.work(), range(8)))
    letters = scene.letters()
    assert sum(queued) == len(letters) == 3
    assert {letter["To"] for letter in letters} == {MAIL, "other@firm.example", own.mail}
    assert all("2 处变动" in letter.get_content() for letter in letters)
