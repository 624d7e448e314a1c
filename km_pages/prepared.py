"""Questions to the database whose SQL is made once, and then asked again with other values.

A small question is answered in a twentieth of a millisecond; to make it into SQL takes Django
ten to forty times as long. For what stands in nearly every request that is most of its cost::

    def _titles(number: int) -> QuerySet:
        wanted = given_keys(number)
        return Page.objects.filter(pk__in=wanted).values_list("pk", "title")

    keys = filled([4, 9])
    rows = ask(_titles, len(keys), **keys)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, IntegerField, QuerySet
from django.db.models.query import get_related_populators

# Of a question for one reader's rights there is one text for each reader, of a few kilobytes.
MOST_KEPT = 1_000

Make = Callable[..., QuerySet[Any, Any]]
MakeForKeys = Callable[[Sequence[Any]], QuerySet[Any, Any]]
Row = tuple[Any, ...]


class Given(Expression):
    """A value that is known only when the question is asked; ``field`` says of what kind it is."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A mark, and this very object where the value is to stand."""
        return "%s", [self]


@dataclass(frozen=True)
class _Sql:
    text: str
    params: tuple[Any, ...]
    converters: dict[int, Any]
    model: Any
    names: tuple[str, ...]
    related: tuple[Any, ...]


def ask(make: Make, *args: Hashable, **given: Any) -> list[Row]:
    """The rows of the queryset ``make(*args)`` with the values ``given`` for its :class:`Given`.

    ``make`` is called once for each ``args``: it may look at nothing else that changes, and must
    return a queryset of ``values_list``; see :func:`fetch` for others. One query, as if the
    queryset were asked.
    """
    sql = _sql(DEFAULT_DB_ALIAS, make, args)
    if sql is None:
        return []
    connection = connections[DEFAULT_DB_ALIAS]
    params = [
        each.output_field.get_db_prep_value(given[each.name], connection)
        if isinstance(each, Given)
        else each
        for each in sql.params
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.text, params)
        rows = cursor.fetchall()
    return [_converted(row, sql.converters, connection) for row in rows] if sql.converters else rows


def fetch(make: Make, *args: Hashable, **given: Any) -> list[Any]:
    """As :func:`ask`, for a queryset of models: the objects it would give.

    With those of ``select_related``, without annotations.
    """
    sql = _sql(DEFAULT_DB_ALIAS, make, args)
    if sql is None:
        return []
    number, made = len(sql.names), []
    for row in ask(make, *args, **given):
        each = sql.model.from_db(DEFAULT_DB_ALIAS, sql.names, row[:number])
        for related in sql.related:
            related.populate(row, each)
        made.append(each)
    return made


# A list of keys is filled up to one of these lengths, or to many times the last of them: there is
# one text of SQL for each.
LENGTHS = (1, 6, 12, 25, 50)


def filled(keys: Collection[Any], *, name: str = "key") -> dict[str, Any]:
    """``keys``, of which there is one at least, as values for :func:`given_keys`.

    One of them several times, so that lists of nearly the same length are one question.
    """
    most = LENGTHS[-1]
    length = next((each for each in LENGTHS if each >= len(keys)), -(-len(keys) // most) * most)
    every = [*keys, *[next(iter(keys))] * (length - len(keys))]
    return {f"{name}{number}": key for number, key in enumerate(every)}


def given_keys(
    number: int, field: Field[Any, Any] | None = None, *, name: str = "key"
) -> list[Given]:
    """Places for the ``number`` keys of :func:`filled`; without ``field`` for whole numbers."""
    kind = field or IntegerField()
    return [Given(f"{name}{each}", kind) for each in range(number)]


def ask_each(make: MakeForKeys, field: Field[Any, Any], keys: Sequence[Any]) -> list[Row]:
    """The rows of ``make(keys)``, a queryset of ``values_list``; ``field`` is that of the keys.

    It is one of a model: the SQL is kept for it, and for each field that is new it is made anew.

    ``make`` uses ``keys`` only in lookups of the kind ``field__in``, and as for :func:`ask` nothing
    else that changes. Of more keys than fifty the SQL is made each time. One query at most.
    """
    if not keys or len(keys) > LENGTHS[-1]:
        return list(make(keys)) if keys else []
    given = filled(keys)
    return ask(_with_keys, make, field, len(given), **given)


def fetch_each(make: MakeForKeys, field: Field[Any, Any], keys: Sequence[Any]) -> list[Any]:
    """As :func:`ask_each`, for a queryset of models."""
    if not keys or len(keys) > LENGTHS[-1]:
        return list(make(keys)) if keys else []
    given = filled(keys)
    return fetch(_with_keys, make, field, len(given), **given)


def _with_keys(make: MakeForKeys, field: Field[Any, Any], length: int) -> QuerySet[Any, Any]:
    return make(given_keys(length, field))


def question(make: Make, *args: Hashable) -> tuple[Any, ...]:
    """What the database would be asked for ``make(*args)``: the text and its values. No query.

    Where this is the same, so is the answer, for as long as the rows are.
    """
    sql = _sql(DEFAULT_DB_ALIAS, make, args)
    return (sql.text, sql.params) if sql else ()


@lru_cache(maxsize=MOST_KEPT)
def _sql(alias: str, make: Make, args: tuple[Hashable, ...]) -> _Sql | None:
    """The text of ``make(*args)``; nothing where it can have no rows."""
    asked = make(*args).using(alias)
    compiler = asked.query.get_compiler(alias)
    try:
        text, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    columns = tuple(column for column, _sql_of_it, _name in compiler.select)
    converters = compiler.get_converters(columns)
    # The columns of the model itself come first, then those of each related one.
    kinds = compiler.klass_info or {"select_fields": []}
    names = tuple(columns[place].target.attname for place in kinds["select_fields"])
    # The types say what a later Django asks for.
    related = tuple(get_related_populators(kinds, compiler.select, alias))  # type: ignore[call-arg]
    return _Sql(text, tuple(params), converters, asked.model, names, related)


def _converted(row: Sequence[Any], converters: dict[int, Any], connection: Any) -> Row:
    values = list(row)
    for place, (steps, expression) in converters.items():
        for step in steps:
            values[place] = step(values[place], expression, connection)
    return tuple(values)
