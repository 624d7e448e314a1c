"""What somebody may mean who has typed only a part: titles and tags, by the letters in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tantivy import DocAddress, Occur, Query, Searcher

from km_pages.search.analysis import INSIDE_LETTERS, normal, plain
from km_pages.search.asking import scope_query
from km_pages.search.folder import Generation
from km_pages.search.requests import Scope, Suggestion
from km_pages.search.schema import FACET_SEPARATOR, LONGEST_BEGINNING

LONGEST_TEXT = 100
MOST_LOOKED_AT = 40
MOST_TAGS = 3
TAG = f"tag{FACET_SEPARATOR}"


class Suggesting:
    """Suggests within one scope, on one state of the index. Raises what tantivy raises."""

    def __init__(self, generation: Generation, scope: Scope) -> None:
        self.schema = generation.index.schema
        self.searcher: Searcher = generation.index.searcher()
        self.scope = scope_query(self.schema, scope)

    def run(self, text: str, limit: int) -> list[Suggestion]:
        """Titles that begin so, then those with words that do, then those with it inside a word.

        Up to three tags follow. Of two documents with one title, the first is suggested.
        """
        words = plain(normal(text[:LONGEST_TEXT]))
        if not words:
            return []
        found: dict[str, Suggestion] = {}
        for query in self._queries(words):
            for each in self._titles(query):
                found.setdefault(each.text.lower(), each)
            if len(found) >= limit:
                break
        tags = self._tags(" ".join(words)) if len("".join(words)) > 1 else []
        titles = list(found.values())[: max(limit - len(tags), 1)]
        return [*titles, *tags][:limit]

    def _queries(self, words: tuple[str, ...]) -> Iterable[Query]:
        """Better ones first; each is made only when those before gave too little."""
        begin = " ".join(words)[:LONGEST_BEGINNING]
        if len(begin) > 1:
            # Thousands of titles begin with one letter.
            yield self._term("begin", begin)
            yield self._begins("begin", begin)
        yield Query.boolean_query(
            [
                *((Occur.Must, self._term("title", word)) for word in words[:-1]),
                (Occur.Must, self._begins("title", words[-1])),
            ]
        )
        if any(_runs(word) for word in words):
            yield Query.boolean_query(
                [(Occur.Must, part) for word in words for part in self._inside(word)]
            )

    def _inside(self, word: str) -> list[Query]:
        """``word`` somewhere in a word; a short one stands in too many, and must begin one."""
        runs = [self._term("inside", each) for each in _runs(word)]
        return runs or [self._begins("title", word)]

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self.schema, field, term, index_option="basic")

    def _begins(self, field: str, beginning: str) -> Query:
        return Query.fuzzy_term_query(self.schema, field, beginning, distance=0, prefix=True)

    def _titles(self, query: Query) -> list[Suggestion]:
        """Titles of what ``query`` finds, the shortest first."""
        within = Query.boolean_query([(Occur.Must, query), *self.scope])
        hits = self.searcher.search(within, limit=MOST_LOOKED_AT, count=False).hits
        kept = [self._suggestion(address) for _score, address in hits]
        return sorted(kept, key=lambda each: (len(each.text), each.text))

    def _suggestion(self, address: DocAddress) -> Suggestion:
        document: Any = self.searcher.doc(address)
        title, kind, url, team = json.loads(document["name"][0])
        return Suggestion(text=title, page_id=document["page_id"][0], kind=kind, url=url, team=team)

    def _tags(self, text: str) -> list[Suggestion]:
        """Tags with ``text`` in them that some document within the scope has."""
        known = self.searcher.terms_with_prefix("tag", TAG)
        names = [each.removeprefix(TAG) for each, _count in known]
        fitting = [name for name in names if text in " ".join(plain(normal(name)))]
        fitting.sort(key=lambda name: (not name.lower().startswith(text), len(name), name))
        found = []
        for name in fitting[:MOST_LOOKED_AT]:
            term = Query.term_query(self.schema, "tag", TAG + name, index_option="basic")
            within = Query.boolean_query([(Occur.Must, term), *self.scope])
            if self.searcher.search(within, limit=1, count=False).hits:
                found.append(Suggestion(text=name, facet="tag"))
                if len(found) == MOST_TAGS:
                    break
        return found


def _runs(word: str) -> list[str]:
    """The runs of three letters in ``word``; none of shorter words, which stand in too much."""
    return [word[start : start + INSIDE_LETTERS] for start in range(len(word) - INSIDE_LETTERS + 1)]
