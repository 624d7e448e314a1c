"""The search engine behind a small interface. Knows documents and scopes, no models.

``Engine`` is what every engine offers; ``get_engine()`` gives the one that ``KM_SEARCH_ENGINE``
names. Documents go in by :meth:`Engine.apply`, questions are :class:`~.requests.SearchRequest`.
"""

from km_pages.search.engine import Engine, EngineUnavailable, WriterBusy, get_engine

__all__ = ["Engine", "EngineUnavailable", "WriterBusy", "get_engine"]
