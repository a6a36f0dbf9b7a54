"""Supervision (分类监管): grades, key lists, random draws, inspections. Tables and transitions, without the web. See docs/supervision.md.

What the register publishes is input here; what is worked out here is internal (domain.md part 5: the internal risk class is nobody's but the
staff's), and becomes public by two ways only: the page of a draw, and results that the register publishes as inspections.
"""
