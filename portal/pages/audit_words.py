"""What the audit writes down (审计记录), as people say it."""

from flask_babel import gettext as _

from indexer.accounts.audit import Act


def act_words(act: str) -> str:
    """An act in words; its own name where it is of an earlier release that had others."""
    return (_of_people() | _of_cases() | _of_records() | _of_supervision() | _of_programs()).get(act, act)


def _of_people() -> dict[str, str]:
    return {
        Act.LOGGED_IN: _("登录"),
        Act.LOGIN_FAILED: _("登录失败"),
        Act.LOGGED_OUT: _("退出登录"),
        Act.SESSION_ENDED: _("结束登录"),
        Act.ACCOUNT_CREATED: _("登记账户"),
        Act.ACCOUNT_DISABLED: _("停用账户"),
        Act.ACCOUNT_ENABLED: _("恢复账户"),
        Act.PASSWORD_CHANGED: _("更换密码"),
        Act.LINK_SENT: _("发出链接"),
        Act.FACTOR_SET: _("设置两步验证"),
        Act.FACTOR_REMOVED: _("取消两步验证"),
        Act.CODES_MADE: _("换备用码"),
        Act.CODE_USED: _("用备用码"),
        Act.IDENTITY_LINKED: _("绑定统一身份认证"),
        Act.MAIL_CHANGED: _("更换邮箱"),
        Act.MAIL_CHANGE_FILED: _("申请更换收不到信的邮箱"),
        Act.MAIL_CHANGE_DECIDED: _("审核更换邮箱"),
        Act.ROLE_GRANTED: _("给予角色"),
        Act.ROLE_ENDED: _("收回角色"),
        Act.CLAIM_FILED: _("提交认领"),
        Act.CLAIM_DECIDED: _("审核认领"),
        Act.ACCOUNTS_VIEWED: _("查看账户"),
        Act.AUDIT_VIEWED: _("查看审计"),
    }


def _of_cases() -> dict[str, str]:
    return {
        Act.FILE_VIEWED: _("查看文件"),
        Act.CASE_FILED: _("提交办件"),
        Act.CASE_MOVED: _("办理办件"),
        Act.CASE_VIEWED: _("查看办件"),
        Act.CASE_MENDED: _("落实异议"),
        Act.REPORTER_VIEWED: _("查看举报人"),
        Act.ANSWER_PUBLISHED: _("公开答复"),
        Act.ANSWER_WITHDRAWN: _("撤回公开答复"),
        Act.DECLARED: _("公示自我声明"),
        Act.DECLARATION_WITHDRAWN: _("撤回自我声明"),
        Act.REPAIRED: _("准予信用修复"),
        Act.REPAIR_TAKEN_BACK: _("撤销信用修复"),
    }


def _of_records() -> dict[str, str]:
    return {
        Act.RECORD_VIEWED: _("查看不公开记录"),
        Act.PREVIEW_VIEWED: _("查看发布预览"),
        Act.EXPORTED: _("导出"),
        Act.REMOVED: _("保存期满清除"),
        Act.SUBMISSION_MADE: _("上传或拟更正"),
        Act.SUBMISSION_SUBMITTED: _("提交发布申请"),
        Act.SUBMISSION_DECIDED: _("审核发布申请"),
        Act.SUBMISSION_DISCARDED: _("放弃发布申请"),
        Act.SUBMISSION_ASKED_AGAIN: _("登记簿已变，重新送审"),
        Act.BATCH_PUBLISHED: _("发布批次"),
        Act.CONFLICT_SETTLED: _("处理来源冲突"),
        Act.RULES_DRAFTED: _("起草限制规则"),
        Act.RULES_PROPOSED: _("提交限制规则"),
        Act.RULES_DECIDED: _("复核限制规则"),
        Act.RULES_DISCARDED: _("放弃限制规则草案"),
        Act.RULES_WITHDRAWN: _("撤回限制规则"),
    }


def _of_supervision() -> dict[str, str]:
    return {
        Act.RULE_PROPOSED: _("提出分级规则"),
        Act.RULE_DECIDED: _("复核分级规则"),
        Act.GRADES_VIEWED: _("查看监管等级"),
        Act.KEY_LIST_PROPOSED: _("提出重点名单的变动"),
        Act.KEY_LIST_DECIDED: _("复核重点名单的变动"),
        Act.INSPECTOR_CHANGED: _("更改检查人员"),
        Act.DRAW_PROPOSED: _("提出抽取"),
        Act.DRAW_DECIDED: _("复核抽取"),
        Act.DRAW_SEEDED: _("登记种子"),
        Act.DRAW_VOIDED: _("抽取作废"),
        Act.PLAN_PROPOSED: _("提出抽查计划"),
        Act.PLAN_DECIDED: _("复核抽查计划"),
        Act.RESULT_ENTERED: _("登记检查结果"),
        Act.RESULTS_ASKED: _("提请公布检查结果"),
        Act.RESULTS_PUBLISHED: _("公布检查结果"),
    }


def _of_programs() -> dict[str, str]:
    return {
        Act.KEY_ASKED: _("申请密钥"),
        Act.KEY_CONFIRMED: _("确认密钥的邮箱"),
        Act.KEY_ISSUED: _("发放密钥"),
        Act.KEY_DECIDED: _("审核密钥"),
        Act.KEY_ROTATED: _("更换密钥"),
        Act.KEY_REVOKED: _("吊销密钥"),
        Act.KEY_PLAN_CHANGED: _("更改密钥的额度"),
        Act.KEYS_VIEWED: _("查看密钥"),
        Act.WEBHOOK_REGISTERED: _("登记变更推送"),
        Act.WEBHOOK_CHANGED: _("更改变更推送"),
        Act.PARTNER_CHANGED: _("更改对接单位"),
        Act.PARTNER_TOKEN_MADE: _("发放对接令牌"),
        Act.PARTNER_RESTARTED: _("重新开始对接"),
        Act.DELIVERY_REPEATED: _("重发交换数据"),
    }
