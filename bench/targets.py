"""MRR@10 that search is held to, by kind of query of ../shared/search_eval, and over all."""

TARGETS = {
    "full": 0.995,
    "core": 0.99,
    "traditional": 0.99,
    "homophone": 0.95,
    "missing": 0.96,
    "pinyin": 0.79,
    "initials": 0.95,
    "spaced": 0.98,
    "intent": 0.98,
    "uscc_typed": 1.0,
    "organisation_code": 1.0,
    "ALL": 0.96,
}
