"""My handovers, starting one, its task list and its facts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from km_pages.actions.errors import ActionError
from km_pages.views.uploads import REFUSED
from km_toolkit import notifications
from km_toolkit.actions.start_handover import (
    AskDeputy,
    ChangeFacts,
    ChooseExpress,
    Confirm,
    SkipStep,
    StartHandover,
    TakeUpStep,
    VolunteerAfterwards,
    Withdraw,
    mark_of_facts,
)
from km_toolkit.forms.handovers import FactsForm, ReasonForm, StartForm
from km_toolkit.forms.parts import AfterwardsForm
from km_toolkit.history import noted_in_words
from km_toolkit.mine import Asking, Slip, asked_to_help, asking, listed_for
from km_toolkit.models import (
    MANAGE_HANDOVERS,
    Handover,
    HelpingState,
    StepNumber,
)
from km_toolkit.parts import Part, people_told_of
from km_toolkit.posts import MOST_LISTED, listed_posts, post_meant, posts_found
from km_toolkit.record_ways import takes_record_along
from km_toolkit.standing import counts_of, next_for, steps_of, told_to, what_waits_for_manager
from km_toolkit.views.entering import enter
from km_toolkit.views.meanwhile import saved_meanwhile


@login_required
def handovers(request: HttpRequest) -> HttpResponse:
    """Every handover that the reader has a part in. A constant number of queries."""
    user = request.user
    rows = listed_for(user)
    counts = counts_of(rows)
    context = {
        "rows": [Slip(each, steps_of(each, counts[each.pk])) for each in rows],
        "asking": [Asking.of(each) for each in asking(user)],
        "asked": asked_to_help(user),
        "oversees": user.has_perm(MANAGE_HANDOVERS)
        or any(user.pk in (each.line_manager_id, each.deputy_id) for each in rows),
        "may_start": bool(listed_posts(user, 1)),
    }
    return render(request, "km_toolkit/handover/list.html", context)


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Start a handover with post, last day and manager.

    Who may start very many looks for the post first: one thing on a page.
    """
    asked = (request.POST if request.method == "POST" else request.GET).get("post", "")
    posts = listed_posts(request.user, MOST_LISTED + 1)
    if not posts:
        return render(request, "km_toolkit/handover/no_post.html")
    many = len(posts) > MOST_LISTED
    if many:
        meant = post_meant(request.user, asked)
        if meant is None and request.method != "POST":
            return _find_post(request)
        posts = [meant] if meant else []
    form = StartForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        posts=posts,
        initial={"post": asked},
    )
    if request.method == "POST" and form.is_valid():
        made = _start(request, form)
        if made is not None:
            notifications.tell_started(made, request.user)
            return redirect("km_toolkit:handover", made.pk)
    status = REFUSED if form.is_bound and form.errors else 200
    context = {"form": form, "many": many}
    return render(request, "km_toolkit/handover/start.html", context, status=status)


def _find_post(request: HttpRequest) -> HttpResponse:
    """Posts by their words, each a link to the form for it."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:160]
    found = posts_found(request.user, typed)
    context = {"typed": typed, "posts": found[:MOST_LISTED], "more": len(found) > MOST_LISTED}
    return render(request, "km_toolkit/handover/find_post.html", context)


def _start(request: HttpRequest, form: StartForm) -> Handover | None:
    try:
        return StartHandover(by=request.user, **form.cleaned_data).execute()
    except ActionError as problem:
        form.add_error(None, str(problem))
        return None


@login_required
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """The task list: six steps, who must act, how many days are left."""
    room = enter(request, pk)
    steps = steps_of(room.handover)
    context = {
        "steps": told_to(room.parts, room.handover, steps),
        "next": next_for(room.handover, steps, room.parts),
        "offer_record": takes_record_along(room.handover, request.user),
        "may_confirm": room.may(Confirm),
        "may_withdraw": room.may(Withdraw),
        "may_change": room.may(ChangeFacts),
        "may_skip": room.may(SkipStep),
        "may_ask_deputy": room.may(AskDeputy)
        and room.handover.deputy_id
        and not room.handover.deputy_asked_at,
        "helpers": room.handover.helping.filter(state=HelpingState.ACCEPTED).select_related(
            "person"
        ),
    }
    return room.show("task_list", context)


@login_required
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the team know: says what that means, then does it."""
    room = enter(request, pk, parts=Confirm.parts)
    if request.method == "POST":
        words = _("Your team can be asked now. You are in charge of what is shared.")
        if room.do(Confirm, words):
            notifications.tell_confirmed(room.handover, room.by)
        return room.back()
    return room.show("confirm")


@login_required
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Change dates and people."""
    room = enter(request, pk, parts=ChangeFacts.parts)
    form = FactsForm(request.POST if request.method == "POST" else None, instance=room.handover)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        if not form.changed_data:
            return room.back()
        if room.do(ChangeFacts, _("Changed."), facts=form.facts(), seen=seen):
            notifications.tell_new_people(room.handover, room.by, form.changed_data)
            return room.back()
        room.handover.refresh_from_db()
    # As they are now: what somebody else saved meanwhile is shown beside what was typed.
    mark = mark_of_facts(room.handover)
    changed = request.POST.get("seen", mark) != mark
    theirs = saved_meanwhile(form, room.handover) if changed else []
    return room.show("facts", {"mark": mark, "theirs": theirs}, form=form)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a handover, for a reason."""
    room = enter(request, pk, parts=Withdraw.parts)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    said = _("Withdrawn. What you wrote is kept.")
    valid = request.method == "POST" and form.is_valid()
    told = people_told_of(room.handover)
    if valid and room.do(Withdraw, said, **form.cleaned_data):
        notifications.tell_withdrawn(room.handover, room.by, told)
        return room.back()
    return room.show("withdraw", form=form)


@login_required
def express_or_full(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch between Express and the six steps."""
    room = enter(request, pk, parts=ChooseExpress.parts)
    if request.method == "POST":
        room.do(ChooseExpress, express=request.POST.get("express") == "yes")
    return room.back()


@login_required
def skip(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Leave a step out, for a reason; or take it up again."""
    room = enter(request, pk, parts=SkipStep.parts)
    if step not in StepNumber.values:
        return room.back()
    if request.method == "POST" and request.POST.get("do") == "take-up":
        room.do(TakeUpStep, step=step)
        return room.back()
    form = ReasonForm(request.POST if request.method == "POST" else None)
    valid = request.method == "POST" and form.is_valid()
    if valid and room.do(SkipStep, step=step, **form.cleaned_data):
        return room.back()
    return room.show("skip", {"step": StepNumber(step)}, form=form)


@login_required
def ask_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whoever stands in for the line manager."""
    room = enter(request, pk, parts=AskDeputy.parts)
    if request.method == "POST":
        asked = room.handover.deputy_asked_at is not None
        if room.do(AskDeputy, _("They are asked, and can see and agree it now.")) and not asked:
            notifications.ask_deputy(room.handover, what_waits_for_manager(room.handover))
    return room.back()


@login_required
def afterwards(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether we may write after the last day, and the page of thanks."""
    room = enter(request, pk, parts=VolunteerAfterwards.parts)
    initial = {
        "email": room.handover.email_afterwards,
        "thank_you": room.handover.thank_you,
    }
    form = AfterwardsForm(request.POST if request.method == "POST" else None, initial=initial)
    valid = request.method == "POST" and form.is_valid()
    if valid and room.do(VolunteerAfterwards, _("Saved."), **form.cleaned_data):
        return room.back()
    return room.show("afterwards", form=form)


@login_required
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who did what, when. Nothing of what was told is in it."""
    room = enter(request, pk, parts=frozenset({Part.LEAVER, Part.MANAGER, Part.KNOWLEDGE_MANAGER}))
    entries = ModelLogEntry.objects.for_instance(room.handover).select_related("user")
    latest = entries.order_by("-timestamp", "-pk")[:500]
    told = [(each, noted_in_words(each.data, areas=room.reads_areas)) for each in latest]
    return room.show("history", {"entries": told})
