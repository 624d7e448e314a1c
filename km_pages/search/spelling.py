"""Words that occur nowhere the reader may look, mended from words that do."""

from __future__ import annotations

from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Occur, Query, Schema, Searcher

from km_pages.search.analysis import is_stop_word, plain, stems

SHORTEST_WORD = 4
# Length of a word from which two mistakes are forgiven instead of one.
LONG_WORD = 7
CANDIDATES = 6


def corrections(
    searcher: Searcher, schema: Schema, words: list[str], scope: list[tuple[Occur, Query]]
) -> dict[str, str]:
    """For each of ``words`` that nobody wrote within ``scope``, the nearest word that somebody did.

    The vocabulary is that of documents within ``scope`` only, so that no suggestion can tell of
    a word in a document that the reader may not see.
    """
    found = {}
    for word in words:
        written = plain(word)
        if len(written) != 1 or len(written[0]) < SHORTEST_WORD or is_stop_word(word):
            continue
        if not written[0].isalpha() or _occurs(searcher, schema, "text", stems(word)[0], scope):
            continue
        better = _nearest(searcher, written[0], scope)
        if better:
            found[word] = better
    return found


def _occurs(
    searcher: Searcher, schema: Schema, field: str, term: str, scope: list[tuple[Occur, Query]]
) -> bool:
    if not searcher.doc_freq(field, term):
        return False
    query = Query.boolean_query([(Occur.Must, Query.term_query(schema, field, term)), *scope])
    return bool(searcher.search(query, limit=1, count=False).hits)


def _nearest(searcher: Searcher, word: str, scope: list[tuple[Occur, Query]]) -> str | None:
    limit = Query.boolean_query(
        [(Occur.Must, Query.const_score_query(Query.all_query(), 0.0)), *scope]
    )
    # People mistype the first letter of a word least.
    known = searcher.terms_with_prefix("words", word[:1], filter_query=limit)
    terms = [each if isinstance(each, str) else each[0] for each in known]
    allowed = 2 if len(word) >= LONG_WORD else 1
    near = process.extract(word, terms, scorer=OSA.distance, score_cutoff=allowed, limit=CANDIDATES)
    ranked = sorted(near, key=lambda row: (row[1], -searcher.doc_freq("words", row[0]), row[0]))
    return ranked[0][0] if ranked else None
