"""What is said when an index can not be used. The engines' own words go to the log only."""

from indexer.errors import ServiceUnavailable


class SearchUnavailable(ServiceUnavailable):
    """The search engine does not answer, or not now."""

    code = "search-unavailable"


class IndexUnusable(ServiceUnavailable):
    """The index is missing, damaged or built by another release; a rebuild mends it."""


def unavailable() -> SearchUnavailable:
    """What people are told when the engine fails or does not answer."""
    return SearchUnavailable(
        "检索引擎暂时没有应答，请稍后再试；运维人员可运行 zhixin doctor 查明原因。",
        "The search engine does not answer now; try again later. Operators: `zhixin doctor` finds the cause.",
    )


def missing() -> IndexUnusable:
    """There never was an index, or it was taken away."""
    return IndexUnusable(
        "检索库尚未建立，请运行 zhixin reindex。", "There is no search index yet; run `zhixin reindex`."
    )


def damaged() -> IndexUnusable:
    """What the index is made of can not be read."""
    return IndexUnusable(
        "检索库已损坏，请运行 zhixin reindex 重建。", "The search index is damaged; run `zhixin reindex`."
    )


def outdated() -> IndexUnusable:
    """Its fields or the cutting of words are not this release's."""
    return IndexUnusable(
        "检索库由其他版本的程序或词典建立，请运行 zhixin reindex 重建。",
        "The search index was built by another release or dictionary; run `zhixin reindex`.",
    )


def none_before() -> ServiceUnavailable:
    """There is no way back."""
    return ServiceUnavailable(
        "没有可以退回的上一代索引；请运行 zhixin reindex 重建。",
        "There is no index to go back to; run `zhixin reindex`.",
    )
