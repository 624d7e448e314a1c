"""Who is in a team: see, add, invite, make steward, remove; and accept an invitation."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from km_pages.actions.change_membership import ChangeMembership, may_manage_people
from km_pages.actions.errors import ActionError
from km_pages.actions.invite_person import (
    AcceptInvitation,
    InvitePerson,
    WithdrawInvitation,
    find_invitation,
)
from km_pages.forms.people import AddPersonForm, JoinForm, PeopleListForm, PersonRow
from km_pages.models import Team


def managed_team(request: HttpRequest, slug: str) -> Team:
    """The team called ``slug``; 404 unless the reader may manage its people."""
    team = Team.objects.filter(slug=slug).first()
    if team is None or not may_manage_people(team, request.user):
        raise Http404
    return team


@login_required
def team_people(request: HttpRequest, slug: str) -> HttpResponse:
    """The people of a team, with a form to add one and a form to add many."""
    team = managed_team(request, slug)
    one = AddPersonForm(request.POST if "email" in request.POST else None)
    many = PeopleListForm(
        request.POST if "text" in request.POST else None,
        request.FILES if "text" in request.POST else None,
    )
    if request.method == "POST" and one.is_bound and one.is_valid():
        row = PersonRow(one.cleaned_data["email"], one.cleaned_data["steward"])
        return _added(request, team, [row])
    if request.method == "POST" and many.is_bound and many.is_valid():
        return _added(request, team, many.cleaned_data["rows"])
    return render(request, "km_pages/people/team_people.html", _people(team, one, many))


def _people(team: Team, one: AddPersonForm, many: PeopleListForm) -> dict[str, Any]:
    stewards = set(team.stewards.values_list("pk", flat=True))
    return {
        "team": team,
        "people": [(person, person.pk in stewards) for person in team.people],
        "invitations": team.invitations.waiting(),
        "one": one,
        "many": many,
    }


def _added(request: HttpRequest, team: Team, rows: list[PersonRow]) -> HttpResponse:
    """Add or invite everybody in ``rows``, and say what became of each."""
    users = get_user_model()._default_manager.filter(is_active=True)
    known = {
        each.username.lower(): each for each in users.filter(username__in=[r.email for r in rows])
    }
    outcomes: Counter[str] = Counter()
    for row in rows:
        try:
            outcomes[_take_in(team, row, known.get(row.email), request.user)] += 1
        except ActionError as problem:
            messages.warning(request, str(problem))
    if outcomes["added"]:
        messages.success(request, _("Added to the team: %(n)d.") % {"n": outcomes["added"]})
    if outcomes["invited"]:
        messages.success(request, _("Invited by e-mail: %(n)d.") % {"n": outcomes["invited"]})
    return redirect("km_pages:team_people", slug=team.slug)


def _take_in(team: Team, row: PersonRow, user: Any, by: Any) -> str:
    if user is None:
        InvitePerson(team=team, email=row.email, by=by, as_steward=row.steward).execute()
        return "invited"
    role = "steward" if row.steward else "member"
    ChangeMembership(team=team, user=user, role=role, by=by).execute()
    return "added"


@login_required
@require_POST
def change_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make somebody of the team a member or a steward, or remove them (``role=none``)."""
    team = managed_team(request, slug)
    person = get_object_or_404(team.people, pk=pk)
    role = {"member": "member", "steward": "steward", "none": None}.get(
        request.POST.get("role", ""), "?"
    )
    if role == "?":
        raise Http404
    try:
        ChangeMembership(team=team, user=person, role=role, by=request.user).execute()
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        who = person.get_full_name() or person.get_username()
        messages.success(request, _changed(role) % {"who": who, "team": team})
    if may_manage_people(team, request.user):
        return redirect("km_pages:team_people", slug=team.slug)
    return redirect("km_pages:my_page")


def _changed(role: str | None) -> str:
    if role is None:
        return _("%(who)s is no longer in %(team)s.")
    if role == "steward":
        return _("%(who)s is a steward of %(team)s now.")
    return _("%(who)s is a member of %(team)s now.")


@login_required
@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make an invitation's link stop working."""
    team = managed_team(request, slug)
    invitation = get_object_or_404(team.invitations, pk=pk)
    WithdrawInvitation(invitation=invitation, by=request.user).execute()
    messages.success(request, _("The invitation no longer works."))
    return redirect("km_pages:team_people", slug=team.slug)


@never_cache
def accept_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show an invitation; joining takes a POST, because mail scanners open links first."""
    invitation = find_invitation(secret)
    if invitation is None:
        return render(request, "km_pages/people/invitation_gone.html", status=404)
    account = get_user_model()._default_manager.filter(username__iexact=invitation.email).first()
    if request.user.is_authenticated:
        return _join_signed_in(request, secret, invitation)
    if account is not None:
        return redirect_to_login(request.get_full_path())
    form = JoinForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        try:
            user = AcceptInvitation(secret=secret, details=form.cleaned_data).execute()
        except ActionError as problem:
            form.add_error(None, str(problem))
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return _joined(request, invitation)
    context = {"invitation": invitation, "form": form}
    return render(request, "km_pages/people/join.html", context)


def _join_signed_in(request: HttpRequest, secret: str, invitation: Any) -> HttpResponse:
    mine = request.user.get_username().lower() == invitation.email
    if request.method == "POST" and mine:
        try:
            AcceptInvitation(secret=secret, user=request.user).execute()
        except ActionError as problem:
            messages.warning(request, str(problem))
            return redirect("km_pages:my_page")
        return _joined(request, invitation)
    context = {"invitation": invitation, "form": None, "mine": mine}
    return render(request, "km_pages/people/join.html", context)


def _joined(request: HttpRequest, invitation: Any) -> HttpResponse:
    messages.success(request, _("Welcome to %(team)s.") % {"team": invitation.team})
    return redirect("km_pages:my_page")
