"""Partners (对接单位): who they are, what they get and send, and by which way. Kept as a file that operators edit and apply, with audit.

Secrets never stand in that file, in the database or in a log: passwords, keys and tokens are files of the folder `exchange/secrets` below
the data folder (`secrets.py`); the credential that a partner proves itself with here is shown once and kept as its digest.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy import Engine, insert, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.models import Account
from indexer.accounts.people import create
from indexer.accounts.tokens import digest, new_token
from indexer.clock import SHANGHAI, Clock
from indexer.errors import FileRefused, InvalidParameter, NotFound
from indexer.exchange.models import PartnerRow as Row
from indexer.kinds import kinds
from indexer.register.canonical import canonical
from indexer.register.database import reading

NEVER_EXCHANGED = frozenset({"practitioner"})
"""Kinds that are about persons: no bulk export of persons (domain.md part 6)."""

LEVELS = {
    "province": ("省级", "Province"),
    "city": ("市级", "City"),
    "county": ("县级", "County"),
    "town": ("乡镇", "Town"),
}

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
Region = Annotated[str, Field(pattern=r"^[0-9]{2}([0-9]{2}([0-9]{2})?)?$")]
Text = Annotated[str, Field(max_length=200)]


class Partner(BaseModel):
    """A partner as its file has it. `region` is what it covers, by the first two, four or six digits of GB/T 2260; rows from elsewhere are
    not taken from it, nor rows of other `authorities` where some are named.

    `gets` and `sends` are record kinds. `acknowledge_hours` is also when a removal counts as late.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    level: Literal["province", "city", "county", "town"]
    region: Region
    way: Literal["folder", "sftp", "https"]
    address: Annotated[str, Field(min_length=1, max_length=500)]
    host_key: Annotated[str, Field(max_length=2000)] = ""
    private_network: bool = False
    agency: Text = ""
    contact: Text = ""
    gets: tuple[str, ...] = ()
    gets_regions: tuple[Region, ...] = ()
    sends: tuple[str, ...] = ()
    authorities: tuple[Text, ...] = ()
    every_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 60
    at: time | None = None
    acknowledges: bool = True
    acknowledge_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    trusted: bool = False
    active: bool = True

    @field_validator("gets", "sends")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [name for name in names if name not in kinds() or name in NEVER_EXCHANGED]:
            raise ValueError(f"没有或不交换的种类 no such kind, or one not exchanged: {'、'.join(wrong)}")
        return names

    @model_validator(mode="after")
    def _reachable(self) -> "Partner":
        parts = urlsplit(self.address)
        if self.way == "folder" and not self.address.startswith("/"):
            raise ValueError("address 应为绝对路径 must be an absolute path")
        if self.way == "sftp" and not (
            parts.scheme == "sftp" and parts.hostname and parts.username and self.host_key
        ):
            raise ValueError(
                "address 应为 sftp://用户@主机:端口/路径，并写明 host_key；must be sftp://user@host/path, with a host_key"
            )
        if self.way == "https" and not (parts.scheme == "https" and parts.hostname and not parts.query):
            raise ValueError("address 应以 https:// 开头 must begin with https://")
        if parts.password:
            raise ValueError("address 中不得有密码 must hold no password: put it into the folder of secrets")
        return self

    @property
    def sent_regions(self) -> tuple[str, ...]:
        """Of which regions the partner gets records."""
        return self.gets_regions or (self.region,)

    def scope(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What it gets: another one makes another series."""
        return tuple(sorted(self.gets)), tuple(sorted(self.sent_regions))

    def due(self, last: datetime | None, now: datetime) -> bool:
        """Whether the schedule asks for a delivery now; `last` is when it was last kept."""
        if last is None:
            return True
        if self.at is None:
            return now >= last + timedelta(minutes=self.every_minutes)
        local = now.astimezone(SHANGHAI)
        today = datetime.combine(local.date(), self.at, SHANGHAI)
        return last < today <= now or last < today - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner with how far it has got; see `indexer.exchange.models.PartnerRow`."""

    id: int
    name: str
    it: Partner
    account: int
    series: int
    sequence: int
    through: int
    day: date
    loaded: bool
    scheduled_at: datetime | None
    their_series: int
    their_sequence: int
    hindered: str | None
    has_token: bool


class Partners:
    """All partners of the register."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def all(self, agencies: Sequence[str] | None = None) -> list[Standing]:
        """The partners by name; those that officers of some agencies see."""
        asked = select(Row.__table__).order_by(Row.name)
        if agencies is not None:
            asked = asked.where(Row.agency.in_(agencies), Row.agency != "")
        with reading(self.engine) as connection:
            return [_standing(row) for row in connection.execute(asked)]

    def one(self, name: str) -> Standing:
        """A partner. Raises NotFound."""
        with reading(self.engine) as connection:
            row = connection.execute(select(Row.__table__).where(Row.name == name)).first()
        if row is None:
            raise no_partner()
        return _standing(row)

    def proven(self, name: str, token: str) -> Standing | None:
        """The active partner of this name whose token this is."""
        asked = select(Row.__table__).where(Row.name == name, Row.token == digest(token), Row.active)
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
        return _standing(row) if row is not None else None

    def apply(self, caller: Caller, content: bytes) -> list[tuple[str, str]]:
        """Take over a file of partners; gives name and what became of each: added, changed or unchanged. Raises FileRefused.

        Partners that the file does not name stay as they are.
        """
        wanted = read_partners(content)
        with acting(self.engine, self.clock, caller) as act:
            known = {row.name: row for row in act.connection.execute(select(Row.__table__))}
            done = [(name, self._take_over(act, known.get(name), name, it)) for name, it in wanted.items()]
        return done

    def enter(self, caller: Caller, name: str, partner: Partner) -> None:
        """Enter one new partner. Raises InvalidParameter for a name that is none, or another's."""
        try:
            _Named(name=name)
        except ValidationError:
            raise InvalidParameter(
                "name",
                "应为小写字母、数字和短横线，以字母开头，2 到 31 个字符，如 county-kunshan。",
                "must be 2 to 31 small letters, digits and hyphens, a letter first, like county-kunshan",
            ) from None
        with acting(self.engine, self.clock, caller) as act:
            if act.connection.execute(select(Row.id).where(Row.name == name)).first() is not None:
                raise InvalidParameter(
                    "name", "已有这个名称的对接单位。", "is that of a partner there is already"
                )
            self._take_over(act, None, name, partner)

    def set_active(self, caller: Caller, name: str, active: bool) -> None:
        """Stop the exchange with a partner, or go on with it from where it was stopped. Raises NotFound."""
        with acting(self.engine, self.clock, caller) as act:
            row = act.connection.execute(select(Row.__table__).where(Row.name == name)).first()
            if row is None:
                raise no_partner()
            partner = Partner.model_validate(row.profile).model_copy(update={"active": active})
            self._take_over(act, row, name, partner)

    def new_token(self, caller: Caller, name: str) -> str:
        """A token in place of the one before, for the partner's requests; shown this once. Raises NotFound."""
        made = new_token()
        with acting(self.engine, self.clock, caller) as act:
            changed = update(Row).where(Row.name == name).values(token=digest(made))
            if not act.connection.execute(changed).rowcount:
                raise no_partner()
            act.note(Act.PARTNER_TOKEN_MADE, f"partner:{name}")
        return made

    def restart(self, caller: Caller, name: str) -> int:
        """Begin a new series: the partner gets everything anew; gives its number. Raises NotFound."""
        with acting(self.engine, self.clock, caller) as act:
            row = act.connection.execute(select(Row.__table__).where(Row.name == name)).first()
            if row is None:
                raise no_partner()
            anew = _anew(row)
            act.connection.execute(update(Row).where(Row.id == row.id).values(**anew))
            act.note(Act.PARTNER_RESTARTED, f"partner:{name}", after=f"series {anew['series']}")
        return int(anew["series"])

    def _take_over(self, act: Acting, row: Any, name: str, partner: Partner) -> str:
        """Make a partner what it is to be; `row` is what there is of it. Gives what became of it."""
        before = Partner.model_validate(row.profile) if row is not None else None
        if before == partner:
            return "unchanged"
        if before is None:
            self._add(act, name, partner)
        else:
            self._change(act, row, before, partner)
        told = _told(before) if before is not None else None
        act.note(Act.PARTNER_CHANGED, f"partner:{name}", before=told, after=_told(partner))
        return "changed" if before is not None else "added"

    def _add(self, act: Acting, name: str, partner: Partner) -> None:
        account = create(act, f"{name}@partner.invalid", partner.title[:60], None)
        nobody = update(Account).where(Account.id == account).values(state="disabled")
        act.connection.execute(nobody)  # it brings things to the desk, and never logs in
        begins: dict[str, Any] = {
            "series": 1,
            "sequence": 0,
            "through": 0,
            "day": self.clock.today(),
            "loaded": False,
            "their_series": 0,
            "their_sequence": 0,
        }
        values = _columns(partner) | begins | {"name": name, "account_id": account, "changed_at": act.now}
        act.connection.execute(insert(Row).values(**values))

    def _change(self, act: Acting, row: Any, before: Partner, partner: Partner) -> None:
        values = _columns(partner) | {"changed_at": act.now}
        if before.scope() != partner.scope():
            values |= _anew(row)
        act.connection.execute(update(Row).where(Row.id == row.id).values(**values))


def read_partners(content: bytes) -> dict[str, Partner]:
    """The partners of a file. Raises FileRefused with all that is wrong at once."""
    try:
        tables = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileRefused(f"文件不是 TOML：{error}。", f"The file is no TOML: {error}.") from None
    found: dict[str, Partner] = {}
    wrong: list[str] = []
    for name, table in tables.items():
        try:
            found[_Named.model_validate({"name": name}).name] = Partner.model_validate(table)
        except ValidationError as error:
            wrong += [f"{name}.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    if wrong:
        raise FileRefused(f"对接单位有误：{'；'.join(wrong)}", f"Wrong partners: {'; '.join(wrong)}")
    return found


class _Named(BaseModel):
    name: Name


def _columns(partner: Partner) -> dict[str, Any]:
    profile = partner.model_dump(mode="json")
    return {"profile": profile, "agency": partner.agency, "active": partner.active}


def _anew(row: Any) -> dict[str, Any]:
    """A new series; one of which nothing was made yet begins again, so that no number is left out."""
    return {
        "series": row.series + (1 if row.sequence else 0),
        "sequence": 0,
        "through": 0,
        "loaded": False,
        "scheduled_at": None,
    }


def _told(partner: Partner) -> str:
    return canonical(partner.model_dump(mode="json")).decode()


def _standing(row: Any) -> Standing:
    return Standing(
        *(row.id, row.name, Partner.model_validate(row.profile), row.account_id, row.series, row.sequence),
        *(row.through, row.day, row.loaded, row.scheduled_at, row.their_series, row.their_sequence),
        *(row.hindered, row.token is not None),
    )


def no_partner() -> NotFound:
    """There is no such partner."""
    return NotFound("没有这个对接单位。", "There is no such partner.")
