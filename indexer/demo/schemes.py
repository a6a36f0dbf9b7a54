"""Certification schemes (认证项目): category, standard and the letters of their numbers (domain.md 2.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """A management system certification (管理体系认证): category, standard, letters in the number."""

    category: str
    standard: str
    letters: str
    project: str  # code of the national platform (authProjCode)


SCHEMES = {
    "Q": Scheme("质量管理体系认证（ISO9001）", "GB/T 19001-2016/ISO 9001:2015", "Q", "A010101"),
    "E": Scheme("环境管理体系认证", "GB/T 24001-2016/ISO 14001:2015", "E", "A020101"),
    "S": Scheme("职业健康安全管理体系认证", "GB/T 45001-2020/ISO 45001:2018", "S", "A030101"),
    "F": Scheme("食品安全管理体系认证", "ISO 22000:2018", "FSMS", "A050101"),
    "H": Scheme(
        "危害分析与关键控制点认证",
        "危害分析与关键控制点（HACCP）体系认证要求（V1.0）",
        "HACCP",
        "A060101",
    ),
    "I": Scheme("信息安全管理体系认证", "GB/T 22080-2025/ISO/IEC 27001:2022", "IS", "A040101"),
    "T": Scheme("信息技术服务管理体系认证", "ISO/IEC 20000-1:2018", "IT", "A070101"),
    "J": Scheme("工程建设施工企业质量管理体系认证", "GB/T 50430-2017", "QJ", "A080101"),
    "M": Scheme("医疗器械质量管理体系认证", "GB/T 42061-2022/ISO 13485:2016", "MD", "A090101"),
    "V": Scheme("服务认证", "GB/T 27922-2011《商品售后服务评价体系》", "SC", "C010101"),
    "N": Scheme("能源管理体系认证", "GB/T 23331-2020/ISO 50001:2018", "EN", "A100101"),
}
