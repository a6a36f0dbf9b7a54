"""Invented policy documents (政策文件), as text files in the layouts that government sites give them."""

from dataclasses import dataclass

from indexer.demo.facts import Policy
from indexer.demo.timeline import Timeline
from indexer.demo.writing import chinese_day


@dataclass(frozen=True, slots=True)
class _Document:
    file: str
    title: str
    issuer: str
    mark: str  # of the document number
    serial: int
    days: int  # ago
    effect: str
    addressed: str
    paragraphs: tuple[str, ...]


_DOCUMENTS = (
    _Document(
        "01-quality-credit-measures",
        "示例市企业质量信用管理办法",
        "示例市人民政府",
        "示政规",
        3,
        900,
        "有效",
        "各县（市、区）人民政府，市各有关部门和单位：",
        (
            "一、企业质量信用信息包括登记信息、认证信息、许可信息、监督检查信息、行政处罚信息和荣誉信息。",
            "二、质量信用等级分为 AAA、AA、A、B、C、D 六级，每年评价一次，向社会公示。",
            "三、公示信息有误的，当事人可以提出异议。受理部门应当在七个工作日内核查并答复。",
        ),
    ),
    _Document(
        "02-certification-system-opinion",
        "关于加强质量认证体系建设的实施意见",
        "示例市人民政府办公室",
        "示政办发",
        41,
        1_500,
        "有效",
        "各县（市、区）人民政府，市各有关部门和单位：",
        (
            "一、推广质量管理先进标准和方法，支持企业获得质量管理体系、环境管理体系认证。",
            "二、在招标投标、政府采购、工程建设中推动采信第三方质量认证结果。",
            "三、严厉打击伪造、冒用、买卖认证证书和认证标志的行为，实行一处违法、处处受限。",
        ),
    ),
    _Document(
        "03-penalty-publicity-notice",
        "关于规范行政处罚信息公示工作的通知",
        "示例市市场监督管理局",
        "示市监",
        18,
        420,
        "有效",
        "各县（市、区）市场监督管理局，各直属单位：",
        (
            "一、适用普通程序作出的行政处罚决定，应当自作出之日起按规定时限公示。仅受到警告的，不予公示。",
            "二、公示信息应当隐去自然人住所、证件号码、联系电话等内容。",
            "三、行政处罚决定被依法变更、撤销、确认违法的，应当及时撤下公示信息并说明理由。",
        ),
    ),
    _Document(
        "04-credit-repair-guide",
        "示例市质量信用修复办事指南",
        "示例市市场监督管理局",
        "示市监",
        26,
        200,
        "有效",
        "各县（市、区）市场监督管理局：",
        (
            "一、已履行处罚决定、纠正违法行为并达到最短公示期的当事人，可以申请信用修复。",
            "二、申请材料包括信用修复申请书、信用承诺书和履行义务的证明材料。",
            "三、准予修复的，停止公示相关信息，并解除相应管理措施。",
        ),
    ),
    _Document(
        "05-random-inspection-plan",
        "年度“双随机、一公开”抽查工作计划",
        "示例港市市场监督管理局",
        "示港市监",
        7,
        260,
        "有效",
        "各分局，机关各科室：",
        (
            "一、抽查对象从经营主体名录库中随机产生，执法检查人员随机选派。",
            "二、对信用风险较低的企业合理降低抽查比例，对失信企业提高抽查比例和频次。",
            "三、抽查结果自检查完成之日起二十个工作日内公示。",
        ),
    ),
    _Document(
        "06-product-sampling-rules",
        "产品质量监督抽查后处理工作规范",
        "示例湖市市场监督管理局",
        "示湖市监",
        33,
        700,
        "有效",
        "各分局，各产品质量检验机构：",
        (
            "一、监督抽查不合格的，责令生产者、销售者停止生产、销售不合格产品，限期改正。",
            "二、实行抽查结果和后处理结果“两公开”。",
            "三、复查仍不合格的，依法处理并列为重点监管对象。",
        ),
    ),
    _Document(
        "07-famous-brand-measures",
        "示例市名牌产品评选管理办法",
        "示例市人民政府办公室",
        "示政办发",
        12,
        3_300,
        "失效",
        "各县（市、区）人民政府，市各有关部门和单位：",
        (
            "一、名牌产品每年评选一次，有效期三年。",
            "二、有效期内发生质量事故的，取消名牌产品称号。",
            "三、本办法由市名牌推进委员会办公室负责解释。",
        ),
    ),
    _Document(
        "08-measuring-instruments",
        "关于加强民生领域计量监管的通知",
        "示例桥市市场监督管理局",
        "示桥市监",
        9,
        520,
        "有效",
        "各分局，市计量测试所：",
        (
            "一、对加油机、电子计价秤、水表、电能表、燃气表实施强制检定。",
            "二、依法查处使用不合格计量器具、破坏计量器具准确度的行为。",
        ),
    ),
    _Document(
        "09-lift-safety",
        "关于开展电梯质量安全提升行动的通知",
        "示例州市市场监督管理局",
        "示州市监",
        21,
        310,
        "有效",
        "各分局，各电梯使用、维护保养单位：",
        (
            "一、全面排查老旧电梯，建立隐患清单和整改台账。",
            "二、维护保养单位应当如实记录维护保养情况，接受社会监督。",
        ),
    ),
    _Document(
        "10-chief-quality-officer",
        "关于推行企业首席质量官制度的意见",
        "示例市市场监督管理局",
        "示市监",
        15,
        1_100,
        "有效",
        "各县（市、区）市场监督管理局，各有关企业：",
        (
            "一、鼓励规模以上工业企业设立首席质量官，赋予其质量安全一票否决权。",
            "二、首席质量官任命情况可以通过自我声明向社会公开。",
        ),
    ),
    _Document(
        "11-procurement-credit-check",
        "关于在政府采购活动中查询使用信用记录的通知",
        "示例市财政局",
        "示财购",
        5,
        640,
        "有效",
        "市各预算单位，各采购代理机构：",
        (
            "一、采购人、采购代理机构应当在评审阶段查询供应商信用记录，并将查询结果随采购文件一并保存。",
            "二、对列入失信被执行人、重大税收违法失信主体、政府采购严重违法失信行为记录名单的供应商，拒绝其参与政府采购活动。",
            "三、联合体成员存在不良信用记录的，视同联合体存在不良信用记录。",
        ),
    ),
    _Document(
        "12-old-quality-action-plan",
        "质量发展纲要实施行动计划",
        "示例山市人民政府",
        "示山政发",
        30,
        4_100,
        "废止",
        "各区人民政府，市政府各部门：",
        (
            "一、落实企业质量主体责任，健全质量诚信体系。",
            "二、加强质量技术基础建设，推进检验检测资源整合。",
        ),
    ),
)


def make_policies(timeline: Timeline) -> list[Policy]:
    """All documents: every third as a letterhead without labels, the others with the labelled head of a
    government site.
    """
    return [
        Policy(f"{document.file}.txt", (_letter if at % 3 == 2 else _page)(document, timeline))
        for at, document in enumerate(_DOCUMENTS)
    ]


def _number(document: _Document, timeline: Timeline) -> str:
    return f"{document.mark}〔{timeline.office_day(document.days):%Y}〕{document.serial}号"


def _page(document: _Document, timeline: Timeline) -> str:
    day = timeline.office_day(document.days)
    head = (
        f"标　　题：{document.title}",
        f"发布机构：{document.issuer}",
        f"文　　号：{_number(document, timeline)}",
        f"成文日期：{day:%Y-%m-%d}",
        f"时　　效：{document.effect}",
    )
    return "\n".join((*head, "", *_body(document), "", document.issuer, chinese_day(day), ""))


def _letter(document: _Document, timeline: Timeline) -> str:
    day = chinese_day(timeline.office_day(document.days))
    head = (f"{document.issuer}文件", "", _number(document, timeline), "", document.title)
    return "\n".join((*head, "", *_body(document), "", document.issuer, day, ""))


def _body(document: _Document) -> tuple[str, ...]:
    return (document.addressed, *document.paragraphs, "本文件为演示而编写，并非真实公文。")
