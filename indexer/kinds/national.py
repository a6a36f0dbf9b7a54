"""Columns that the national 双公示 templates (发改办财金〔2018〕424号) give to licences (`XK_…`) and
penalties (`CF_…`) alike.

The code and name of the subject are among the columns of every kind, identity numbers among those never shown
(base.py).
"""

from indexer.kinds.base import Column, Find, Show, both_prefixes
from indexer.kinds.persons import SUBJECT_KIND

NATIONAL_COLUMNS: tuple[Column, ...] = (
    SUBJECT_KIND,
    Column(
        "legal_representative",
        "法定代表人",
        aliases=(
            "法人代表",
            "法定代表人姓名",
            "法定代表人（负责人）",
            *both_prefixes("FRDB", "FDDB", "FR"),
        ),
        show=Show.PERSON,  # the summary of 总局令45 art. 4 does not name it
        maximum=200,
    ),
    Column(
        "institution_certificate_number",
        "事业单位证书号",
        aliases=both_prefixes("XDR_SYDW"),
        find=Find.CODE,
        maximum=64,
    ),
    Column(
        "social_organisation_number",
        "社会组织登记证号",
        aliases=both_prefixes("XDR_SHZZ"),
        find=Find.CODE,
        maximum=64,
    ),
    Column(
        "source_code",
        "数据来源单位统一社会信用代码",
        aliases=both_prefixes("LYDWDM", "SJLYDM"),
        maximum=64,
        label_en="Source's unified social credit code",
    ),
    Column(
        "source_updated_at",
        "数据更新时间",
        aliases=("时间戳", *both_prefixes("SJC")),
        show=Show.NEVER,
        maximum=64,
    ),
    Column(
        "remark",
        "备注",
        aliases=("BZ", "XK_BZ", "CF_BZ"),
        show=Show.SCANNED,
        maximum=4000,
    ),
)
