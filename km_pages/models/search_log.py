"""What is remembered of searches, to learn what is missing. No row says who searched.

See docs/why/search-log.md. A search writes one :class:`SearchEvent`; the worker adds it to the
counts within a minute and removes it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from km_pages.models.gaps import LONGEST_QUERY


class SearchKey(models.Model):
    """The key of one month, for the digests of people. Destroyed when the month is over."""

    month = models.DateField(unique=True)
    key = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("key of a month")
        verbose_name_plural = _("keys of months")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class SearchEvent(models.Model):
    """One search, or with a ``rank`` one click on a result, until it has been counted."""

    day = models.DateField()
    query = models.CharField(max_length=LONGEST_QUERY)
    digest = models.CharField(max_length=64, blank=True)
    hits = models.PositiveIntegerField(default=0)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("search that is not counted yet")
        verbose_name_plural = _("searches that are not counted yet")

    def __str__(self) -> str:
        return self.query


class SearchedMonth(models.Model):
    """One query in one month, and by how many different people."""

    month = models.DateField()
    query = models.CharField(max_length=LONGEST_QUERY)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("query of a month")
        verbose_name_plural = _("queries of months")
        permissions = [("view_search_report", _("Can see what people search for"))]
        constraints = [
            models.UniqueConstraint(fields=["month", "query"], name="km_one_query_a_month")
        ]

    def __str__(self) -> str:
        return f"{self.query}, {self.month:%Y-%m}"


class SearchedBy(models.Model):
    """A digest of somebody who searched, only to count people once; gone when the month is over."""

    searched = models.ForeignKey(SearchedMonth, on_delete=models.CASCADE, related_name="readers")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("digest of a reader")
        verbose_name_plural = _("digests of readers")
        constraints = [
            models.UniqueConstraint(fields=["searched", "digest"], name="km_reader_counted_once")
        ]

    def __str__(self) -> str:
        return str(self.searched)


class SearchedDay(models.Model):
    """One query on one day: how often, how often without a result, how often with a click."""

    searched = models.ForeignKey(SearchedMonth, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(db_index=True)
    searches = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)
    hits = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("query of a day")
        verbose_name_plural = _("queries of days")
        constraints = [
            models.UniqueConstraint(fields=["searched", "day"], name="km_one_query_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.searched.query}, {self.day}"


class ClickedRank(models.Model):
    """How often the result at one place of the list was opened, for one query on one day."""

    searched_day = models.ForeignKey(SearchedDay, on_delete=models.CASCADE, related_name="ranks")
    rank = models.PositiveSmallIntegerField()
    clicks = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("clicks at a place")
        verbose_name_plural = _("clicks at places")
        constraints = [
            models.UniqueConstraint(fields=["searched_day", "rank"], name="km_one_rank_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.searched_day}, {self.rank}"
