"""Letters (信件): their texts, and the queue that a letter is put into by the transaction that gives cause to it.

Plain text, Chinese and English in one. What a letter says is sealed until it is sent and removed then, since it may hold a link that opens
something. Sending: `indexer/accounts/post.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import insert

from indexer.accounts.acting import Acting
from indexer.accounts.models import Letter as Row
from indexer.accounts.tokens import Seal

LETTERS: dict[str, tuple[str, str]] = {
    "register": (
        "请确认邮箱 · Confirm your address",
        (
            "有人（应当是您）用这个邮箱在质信登记账户。请在 {hours} 小时内打开下面的网址，设置密码：\n\n{link}\n\n"
            "如果不是您，不必理会，不会有账户。\n\n"
            "Somebody, you we hope, asked for an account at Zhixin with this address. Open the link within {hours} hours and set a password. "
            "If it was not you, do nothing.\n"
        ),
    ),
    "known": (
        "您已经有账户 · You have an account",
        (
            "有人（应当是您）用这个邮箱在质信登记账户，但账户已经有了。请直接登录；忘记密码可在登录页重设：\n\n{link}\n\n"
            "Somebody, you we hope, asked for an account with this address, but there is one. Log in, or set a new password from there.\n"
        ),
    ),
    "reset": (
        "重设密码 · Set a new password",
        (
            "有人（应当是您）要重设您在质信的密码。请在 {hours} 小时内打开下面的网址：\n\n{link}\n\n"
            "如果不是您，不必理会，密码不会变。\n\n"
            "Somebody, you we hope, asked for a new password. Open the link within {hours} hours. If it was not you, do nothing; "
            "your password stays.\n"
        ),
    ),
    "invitation": (
        "邀请您加入 · An invitation",
        (
            "{who} 邀请您在质信担任：{role}{scope}。请在 {days} 天内打开下面的网址接受：\n\n{link}\n\n"
            "如果与您无关，不必理会。\n\n"
            "{who} invites you to act here as: {role}{scope}. Open the link within {days} days to accept. If this is not about you, do nothing.\n"
        ),
    ),
    "changed": (
        "账户有变动 · Your account was changed",
        (
            "您在质信的账户刚刚有变动：{what}。\n\n如果不是您本人所为，请立即重设密码，并告诉管理员：\n\n{link}\n\n"
            "Your account at Zhixin was just changed: {what_en}. If it was not you, set a new password at once and tell the operators.\n"
        ),
    ),
    "claim": (
        "企业认领的结果 · Your claim was decided",
        "您对 {code} 的认领：{what}。{reason}\n\n{link}\n\nYour claim to act for {code}: {what_en}. {reason}\n",
    ),
    "submission": (
        "发布申请的结果 · Your submission was decided",
        "您的发布申请“{name}”：{what}。{reason}\n\n{link}\n\nYour submission {name}: {what_en}. {reason}\n",
    ),
}
"""Kind → subject and text. Modules that stand on the accounts add theirs here."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where letters are put. `site` is the public address that links in letters begin with; empty where none is set."""

    seal: Seal
    site: str

    def put(self, act: Acting, mail: str, kind: str, path: str, values: Mapping[str, str]) -> None:
        """Queue a letter of a kind, with a link to a path of the portal, within the transaction of its cause."""
        subject, text = LETTERS[kind]
        link = f"{self.site}{path}"
        content = {"subject": subject, "text": text.format(link=link, **values)}
        act.connection.execute(
            insert(Row).values(
                mail=mail,
                kind=kind,
                content=self.seal.close(orjson.dumps(content).decode()),
                created_at=act.now,
                due_at=act.now,
                tries=0,
            )
        )
