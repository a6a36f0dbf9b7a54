"""Letters about keys (密钥信件). None says a word that a stranger may have typed."""

from indexer.accounts.letters import LETTERS

LETTERS["key-confirm"] = (
    "请确认申请密钥 · Confirm your key",
    (
        "有人（应当是您）用这个邮箱在质信申请接口密钥，方案：{plan}。请在 {hours} 小时内打开下面的网址确认：\n\n{link}\n\n"
        "如果不是您，不必理会，不会有密钥。\n\n"
        "Somebody, you we hope, asked for a key of the API at Zhixin with this address, plan: {plan_en}. Open the link within {hours} hours "
        "to confirm. If it was not you, do nothing; there will be no key.\n"
    ),
)
LETTERS["key-granted"] = (
    "密钥已批准 · Your key was approved",
    (
        "您申请的接口密钥（第 {key} 号）已批准。请在 {days} 天内打开下面的网址领取；密钥只显示一次：\n\n{link}\n\n"
        "The key of the API that you asked for (no. {key}) was approved. Open the link within {days} days to get it; it is shown once.\n"
    ),
)
LETTERS["key-refused"] = (
    "密钥未获批准 · Your key was not approved",
    (
        "您申请的接口密钥（第 {key} 号）没有批准：{reason}。可以修改后重新申请：\n\n{link}\n\n"
        "The key of the API that you asked for (no. {key}) was not approved: {reason}. You may ask again.\n"
    ),
)
LETTERS["keys"] = (
    "查看您的密钥 · Your keys",
    (
        "有人（应当是您）要查看用这个邮箱申请的接口密钥。下面的网址在 {minutes} 分钟内可以查看用量、更换和吊销密钥，请勿转发：\n\n{link}\n\n"
        "如果不是您，不必理会。\n\n"
        "Somebody, you we hope, wants to see the keys of this address. For {minutes} minutes the link shows their use and lets you rotate and "
        "revoke them; pass it on to nobody. If it was not you, do nothing.\n"
    ),
)
LETTERS["key-changed"] = (
    "密钥有变动 · Your key was changed",
    (
        "您的接口密钥（第 {key} 号）刚刚有变动：{what}。{reason}\n\n如果不是您本人所为，请立即查看并吊销：\n\n{link}\n\n"
        "Your key of the API (no. {key}) was just changed: {what_en}. {reason} If it was not you, look at it at once and revoke it.\n"
    ),
)
