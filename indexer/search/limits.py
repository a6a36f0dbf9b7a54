"""What a question requires and what it leaves out (限定): phrases, who issued it, its number.

A phrase is the characters one after another, in a name or in the long text (`phrases`); a word that is left out is a word, or part of a
name. Marks and blanks inside a phrase do not count, the end of a sentence does.
"""

from dataclasses import replace
from itertools import pairwise

from indexer.search.clauses import MOST_BIGRAMS, MOST_WORDS, Clause, all_of, all_words, distinct
from indexer.search.documents import ISSUED
from indexer.search.numbers import codes, document_number
from indexer.search.phrases import LONGEST_PHRASE, inside, running
from indexer.search.question import Question
from indexer.text.cut import bigrams, units, words
from indexer.text.normalise import normalise

IN_NAME, IN_TEXT = 150.0, 0.1
"""What a document earns that is found for a phrase alone, or for who issued it."""


def required(question: Question) -> tuple[tuple[Clause, ...], ...]:
    """What a document must have: each phrase, what the operators say. Of each some clause must be answered."""
    found = [phrase("phrase", each) for each in question.phrases]
    if question.authority:
        issued = [ISSUED + word for word in words(normalise(question.authority))]
        found.append((all_of("authority", "text", distinct(issued, MOST_WORDS)),))
    if question.document_number:
        found.append(document_number(question.document_number))
    return tuple(found)


def excluded(question: Question) -> tuple[Clause, ...]:
    """What a document must not have: a phrase, or a word."""
    found = [clause for each in question.excluded_phrases for clause in phrase("excluded", each)]
    for word in map(normalise, question.excluded):
        pairs = distinct([pair for part in word.split() for pair in bigrams(part)], MOST_BIGRAMS)
        found += [all_of("excluded", "bigrams", pairs), *all_words("excluded", (word,))]
    return tuple(clause for clause in found if clause.terms)


def phrase(reason: str, text: str) -> tuple[Clause, ...]:
    """A name or the long text holds `text` as it stands, or it is the document's number.

    A name that ends in a single character is not told by its pairs to hold it: there the words must do.
    """
    text = normalise(text)
    letters = tuple(running(text)[:LONGEST_PHRASE])
    found = [Clause(reason, "phrases", letters, len(letters), 1.0, ordered=True)]
    named = tuple(units(text)[:LONGEST_PHRASE])
    if len(named) == 1:
        found.append(Clause(reason, "bigrams", named, 1, 1.0, prefix=True))
        found.append(Clause(reason, "text", named, 1, 1.0))
    else:
        pairs = tuple(dict.fromkeys(one + other for one, other in pairwise(named)))
        found.append(replace(all_of(reason, "bigrams", pairs), without=inside(named)))
    found += [Clause(reason, "codes", (code,), 1, 1.0) for code in codes(text)[:1]]
    return tuple(found)


def finding(question: Question) -> list[Clause]:
    """What finds documents where a question has nothing but phrases and operators: they have the first thing that is required."""
    found = []
    for clause in required(question)[0]:
        if clause.reason != "phrase":
            found.append(clause)
        elif clause.field == "bigrams":
            found.append(replace(clause, reason="name_all", weight=IN_NAME))
        elif clause.field != "codes":  # those are looked for anyway
            found.append(replace(clause, reason="text", weight=IN_TEXT, scored=True))
    return found


def besides(question: Question) -> str:
    """What a question asks for besides phrases and operators."""
    if question.limits_only:
        return ""
    text = question.text
    for each in question.phrases:
        text = text.replace(each, " ", 1)
    return text
