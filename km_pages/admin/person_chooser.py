"""Choose a person in the admin by words of their name or address, where there may be thousands.

Used wherever a form of the admin asks for one person: the owner of a page, whose knowledge it is,
who checked it, who holds a post.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from km_pages.numbers import whole, whole_ones

SEARCHED = ("first_name", "last_name", "username", "email")
MOST_WORDS = 8


def in_words(person: Any) -> str:
    """Name and address: two people may have one name."""
    name = person.get_full_name()
    return f"{name} ({person.get_username()})" if name else str(person.get_username())


def people() -> QuerySet[Any]:
    """Everybody with an open account, by name."""
    rows = get_user_model()._default_manager.filter(is_active=True)
    return rows.order_by("last_name", "first_name", "pk")


class PersonWidget(BaseChooser):
    """Shows name and address of the chosen person, and opens the chooser."""

    def get_display_title(self, instance: Any) -> str:
        """Name and address."""
        return in_words(instance)

    def get_value_data_from_instance(self, instance: Any) -> dict[str, Any]:
        """As Wagtail's, without a way to the account, which few editors may change."""
        return {
            "id": instance.pk,
            "edit_url": "",
            self.display_title_key: self.get_display_title(instance),
        }


class WordsFilter(BaseFilterForm):
    """A box for words of the name or the address."""

    q = forms.CharField(
        label=_("Name or e-mail address"),
        widget=forms.TextInput(attrs={"placeholder": _("Name or e-mail address")}),
        required=False,
    )

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        """Those of whom every word stands in the name or the address."""
        objects = super().filter(objects)
        words = self.cleaned_data.get("q", "").split()[:MOST_WORDS]
        for word in words:
            found = Q()
            for field in SEARCHED:
                found |= Q(**{f"{field}__icontains": word})
            objects = objects.filter(found)
        self.is_searching = bool(words)
        self.search_query = " ".join(words)
        return objects


class _Listed:
    """What the list and its parts have in common."""

    request: HttpRequest
    filter_form_class = WordsFilter

    def get_object_list(self) -> QuerySet[Any]:
        return people()

    def can_create(self) -> bool:
        # People are added by a team's steward or under Settings, never in passing.
        return False

    @property
    def title_column(self) -> Column:
        column = super().title_column  # type: ignore[misc]
        column.label, column.accessor = _("Person"), in_words
        return column


class _Chosen:
    """The answer to a choice."""

    def get_object(self, pk: Any) -> Any:
        return people().get(pk=whole(pk))

    def get_objects(self, pks: list[Any]) -> QuerySet[Any]:
        return people().filter(pk__in=whole_ones(pks))

    def get_display_title(self, instance: Any) -> str:
        return in_words(instance)

    def get_edit_item_url(self, instance: Any) -> str:
        return ""


class ChoosePerson(_Listed, chooser.ChooseView):
    """The list of people, with the box above."""


class PersonResults(_Listed, chooser.ChooseResultsView):
    """The list alone, for another part of it or other words."""


class PersonChosen(_Chosen, chooser.ChosenView):
    """One person was chosen."""


class PeopleChosen(_Chosen, chooser.ChosenMultipleView):
    """Several people were chosen at once."""


class PersonChooserViewSet(ChooserViewSet):
    """People with an account."""

    model = get_user_model()
    icon = "user"
    page_title = _("Choose a person")
    choose_one_text = _("Choose a person")
    choose_another_text = _("Choose another person")
    search_tab_label = _("Everybody with an account")
    per_page = 20
    base_widget_class = PersonWidget
    choose_view_class = ChoosePerson
    choose_results_view_class = PersonResults
    chosen_view_class = PersonChosen
    chosen_multiple_view_class = PeopleChosen
