"""Say what you may be asked about, or take it back."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.actions.errors import ActionError
from km_pages.actions.offer_to_be_asked import OfferToBeAsked, TakeBackOffer
from km_pages.forms.offers import OfferForm
from km_pages.models import Offer


@login_required
def my_offer(request: HttpRequest) -> HttpResponse:
    """Show and change what people may ask the reader about.

    ``leaves_on`` in the address is the last day of somebody who has not said one here yet.
    """
    offer = Offer.objects.filter(person=request.user).first()
    initial = OfferForm.initial_of(offer)
    initial["leaves_on"] = initial.get("leaves_on") or _day(request.GET.get("leaves_on", ""))
    form = OfferForm(request.POST or None, initial=initial, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            OfferToBeAsked(person=request.user, **form.cleaned_data).execute()
        except ActionError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Kept. People see it from now on."))
            return redirect(f"{reverse('km_pages:my_page')}#who-knows")
    return render(request, "km_pages/who_knows/my_offer.html", {"form": form, "offer": offer})


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@login_required
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Offer nothing any more."""
    TakeBackOffer(person=request.user).execute()
    messages.success(request, _("Taken back. Nobody is shown it any more."))
    return redirect(f"{reverse('km_pages:my_page')}#who-knows")
