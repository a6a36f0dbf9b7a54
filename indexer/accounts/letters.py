"""Letters (信件): their texts, and the queue that a letter is put into by the transaction that gives cause to it.

Plain text, Chinese and English in one. What a letter says is sealed until it is sent and removed then, since it may hold a link that opens
something. Sending: `indexer/accounts/post.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import insert, select

from indexer.accounts.acting import Acting
from indexer.accounts.models import Account
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
    "mail-new": (
        "请确认新邮箱 · Confirm your new address",
        (
            "有人（应当是您）要把在质信的账户改用这个邮箱。请在 {hours} 小时内打开下面的网址确认；原邮箱也要确认：\n\n{link}\n\n"
            "如果不是您，不必理会。\n\n"
            "Somebody, you we hope, wants to use this address for an account at Zhixin. Open the link within {hours} hours to confirm; the "
            "present address has to confirm as well. If it was not you, do nothing.\n"
        ),
    ),
    "mail-old": (
        "更换邮箱须您确认 · Confirm the change of your address",
        (
            "有人（应当是您）要把您在质信的账户改用邮箱 {new}。如果是您，请在 {hours} 小时内打开下面的网址确认：\n\n{link}\n\n"
            "如果不是您，请不要打开，并立即更换密码。\n\n"
            "Somebody, you we hope, wants your account at Zhixin to use the address {new}. If it was you, open the link within {hours} hours "
            "to confirm. If not, do not open it, and change your password at once.\n"
        ),
    ),
    "mail-lost": (
        "请确认新邮箱 · Confirm your new address",
        (
            "有人（应当是您）说原来的登录邮箱收不到信了，要把在质信的账户改用这个邮箱。请在 {hours} 小时内打开下面的网址，提交身份证明：\n\n{link}\n\n"
            "如果不是您，不必理会。\n\n"
            "Somebody, you we hope, has lost the letter box of an account at Zhixin and wants to use this address. Open the link within {hours} "
            "hours and show who you are. If it was not you, do nothing.\n"
        ),
    ),
    "mail-stop": (
        "有人申请更换您的邮箱 · Somebody asks to change your address",
        (
            "有人说收不到这个邮箱的信，申请把您在质信的账户改用邮箱 {new}，并提交了身份证明。经办人员 {hours} 小时以后审核。\n\n"
            "如果不是您，请立即打开下面的网址终止这项申请：\n\n{link}\n\n"
            "Somebody says that this letter box is lost, asks that your account at Zhixin uses the address {new}, and has sent a proof of "
            "identity. It is looked at after {hours} hours. If it was not you, open the link at once to stop it.\n"
        ),
    ),
    "mail-change": (
        "更换邮箱的结果 · Your change of address was decided",
        (
            "您更换邮箱的申请：{what}。{reason}\n\n{link}\n\n忘记了密码，可以在登录页用新邮箱重设。\n\n"
            "Your change of address: {what_en}. {reason} A forgotten password can be set anew from the log-in page.\n"
        ),
    ),
    "identity": (
        "请确认邮箱 · Confirm your address",
        (
            "有人（应当是您）用统一身份认证登录质信，并填写了这个邮箱。请在 {hours} 小时内，用登录时的同一个浏览器打开下面的网址：\n\n{link}\n\n"
            "如果不是您，不必理会，不会有账户。\n\n"
            "Somebody, you we hope, logged in at Zhixin by an identity platform and gave this address. Open the link within {hours} hours, in "
            "the browser that you logged in with. If it was not you, do nothing.\n"
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
    "case-filed": (
        "已收到您的办件 · We have your case",
        (
            "已收到您的{kind}，编号 {number}。办理情况请在下面的网址查看：\n\n{link}\n\n"
            "We have received your case ({kind_en}), number {number}. See there how it goes.\n"
        ),
    ),
    "case-moved": (
        "办件有新进展 · News of your case",
        (
            "您的{kind}（编号 {number}）有新的进展，请在下面的网址查看：\n\n{link}\n\n"
            "There is news of your case ({kind_en}), number {number}: see there.\n"
        ),
    ),
    "case-mended": (
        "异议已落实 · Your objection has been put into effect",
        (
            "您的异议（编号 {number}）成立后，有关记录已经更正或撤下。请在下面的网址查看：\n\n{link}\n\n"
            "After your objection (number {number}) was upheld, the record was corrected or taken down: see there.\n"
        ),
    ),
    "repair-taken-back": (
        "信用修复被撤销 · A repair was taken back",
        (
            "贵企业一条记录的信用修复已被撤销，记录重新公示。理由和今后可以做什么，请登录查看：\n\n{link}\n\n"
            "The repair of a record of your enterprise was taken back, and the record is public again. Log in to read why and what can be "
            "done.\n"
        ),
    ),
    "submission": (
        "发布申请的结果 · Your submission was decided",
        "您的发布申请“{name}”：{what}。{reason}\n\n{link}\n\nYour submission {name}: {what_en}. {reason}\n",
    ),
    "webhook-stopped": (
        "变更推送已停 · A webhook was stopped",
        (
            "推送到 {url}（{name}）的变更连续 {days} 天没有送达，或接收方答复不再接收，已停止推送。修好以后请管理员恢复；"
            "停止期间的变更在恢复后补发，也可以从 {link} 取得。\n\n"
            "Changes could not be delivered to {url} ({name}) for {days} days, or it answered that it wants no more, so nothing is sent there "
            "now. Have it resumed when it is mended: what happened meanwhile is sent then, and can be had from {link}.\n"
        ),
    ),
}
"""Kind → subject and text. Modules that stand on the accounts add theirs here."""


CHANGES: dict[str, tuple[str, str]] = {
    "password": ("更换了密码", "the password was changed"),
    "password-by-mail": ("用邮件重设了密码", "a new password was set by mail"),
    "two-step-set": ("设置了两步验证", "a second step was set"),
    "two-step-removed": ("取消了两步验证", "the second step was removed"),
    "mail": ("更换了邮箱", "the address was changed"),
    "identity": ("绑定了统一身份认证", "an outside identity was linked"),
}
"""What a person is told of when it happens to the account, in both languages."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where letters are put. `site` is the public address that links in letters begin with; empty where none is set."""

    seal: Seal
    site: str

    def put(
        self, act: Acting, mail: str, kind: str, path: str, values: Mapping[str, str], stop: str = ""
    ) -> None:
        """Queue a letter of a kind, with a link to a path of the portal, within the transaction of its cause.

        `stop` is the path that ends such letters with one click (RFC 8058). Records are named by `records_told.place_of`.
        """
        subject, text = LETTERS[kind]
        link = f"{self.site}{path}"
        content = {"subject": subject, "text": text.format(link=link, **values)}
        if stop:
            content["stop"] = f"{self.site}{stop}"
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

    def notify(self, act: Acting, account: int, change: str) -> None:
        """Tell the person of an account that it was changed, in case it was somebody else."""
        zh, en = CHANGES[change]
        mail = act.connection.execute(select(Account.mail).where(Account.id == account)).scalar_one()
        self.put(act, mail, "changed", "/forgot", {"what": zh, "what_en": en})
