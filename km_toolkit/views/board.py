"""The board over many handovers, its export, and the handbook of a post."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from openpyxl import Workbook

from km_pages.admin.registers import safe_cell
from km_pages.models import Post, Team
from km_pages.visibility import reader_for
from km_toolkit.board import headings, rows_of, timeline, values_of
from km_toolkit.differences import differences_of
from km_toolkit.directed import Choice, Direction
from km_toolkit.handbook import handbook_of
from km_toolkit.models import MANAGE_HANDOVERS, HandoverState, Reason

PER_PAGE = 25
MOST_EXPORTED = 10_000


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """My team's handovers, or all of them: time line, what waits, what is at stake."""
    direction = Direction.of(request.user)
    choice = Choice.read(request.GET)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _export(direction.all(choice), request.GET["export"])
    part = Paginator(direction.chosen(choice), PER_PAGE).get_page(request.GET.get("page"))
    rows = rows_of(part.object_list)
    context = {
        "choice": choice,
        "part": part,
        "rows": rows,
        "timeline": timeline(rows),
        "areas": direction.risks(),
        "states": HandoverState.choices,
        "reasons": Reason.choices,
        "teams": direction.teams(),
        "query": "&".join(f"{name}={value}" for name, value in vars(choice).items() if value),
    }
    return render(request, "km_toolkit/handover/board.html", context)


def _export(chosen: Any, kind: str) -> HttpResponse:
    rows = rows_of(chosen[:MOST_EXPORTED])
    lines = [[_cell(value) for value in values_of(row)] for row in rows]
    if kind == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows([headings(), *lines])
        # The mark lets Excel read the file as UTF-8.
        response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Handovers")
        for line in [headings(), *lines]:
            sheet.append(line)
        data = io.BytesIO()
        book.save(data)
        response = HttpResponse(
            data.getvalue(),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    response["Content-Disposition"] = f'attachment; filename="handovers.{kind}"'
    return response


def _cell(value: Any) -> Any:
    return safe_cell(value) if isinstance(value, str) else value


@login_required
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """The handbook of a post: the newest of everything that its holders have shared.

    For the post's team, whoever manages it and knowledge managers; nobody else learns that there
    is such a post.
    """
    row = Post.objects.select_related("team", "holder").filter(pk=pk).first()
    if row is None or not _may_see_post(row, request.user):
        raise Http404
    handbook = handbook_of(row, reader_for(request))
    context = {
        "post": row,
        "handbook": handbook,
        "two_holders": any(each.earlier for each in handbook),
    }
    return render(request, "km_toolkit/handover/post.html", context)


@login_required
def differences(request: HttpRequest, pk: int) -> HttpResponse:
    """What the last holder of a post says otherwise than the one before."""
    row = Post.objects.select_related("team", "holder").filter(pk=pk).first()
    if row is None or not _may_see_post(row, request.user):
        raise Http404
    context = {"post": row, "differences": differences_of(row, reader_for(request))}
    return render(request, "km_toolkit/handover/differences.html", context)


def _may_see_post(row: Post, user: Any) -> bool:
    if user.pk in (row.holder_id, row.line_manager_id) or user.has_perm(MANAGE_HANDOVERS):
        return True
    return Team.objects.with_member(user).filter(pk=row.team_id).exists()
