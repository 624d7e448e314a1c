"""Choose a file for an item, or upload one, in the admin: only what the editor may know of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from km_pages.actions.store_file import StoreFile
from km_pages.files.refusals import RefusedFile
from km_pages.models import StoredFile
from km_pages.models.attaching import files_to_attach
from km_pages.numbers import whole, whole_ones
from km_pages.wording import size_in_words


def file_in_words(stored: StoredFile) -> str:
    """Name, size, and what is to be known of its state: "rota.pdf, 120 kB, Waiting to be read"."""
    parts = [stored.name, size_in_words(stored.size), state_of(stored)]
    return ", ".join(part for part in parts if part)


def state_of(stored: StoredFile) -> str:
    """What an editor should know: nothing where all is well."""
    if stored.reason:
        return f"{stored.get_text_state_display()}: {stored.reason}"
    return stored.state_in_words


class FileWidget(BaseChooser):
    """Shows the chosen file with size and state, and opens the chooser.

    ``offered`` is what the editor may choose, set by the form: a key that was guessed shows
    no name, also where the form comes back with an error.
    """

    offered: QuerySet[StoredFile] | None = None

    def get_instance(self, value: Any) -> StoredFile | None:
        """The file that ``value`` means, if the editor may know of it."""
        rows = StoredFile.objects.none() if self.offered is None else self.offered
        key = getattr(value, "pk", value)
        return rows.filter(pk=whole(key)).first()

    def get_display_title(self, instance: StoredFile) -> str:
        """Name, size and state."""
        return file_in_words(instance)

    def get_value_data_from_instance(self, instance: StoredFile) -> dict[str, Any]:
        """As Wagtail's, with the file's page in place of a form to edit it."""
        return {
            "id": instance.pk,
            "edit_url": page_of(instance),
            self.display_title_key: self.get_display_title(instance),
        }


def page_of(stored: StoredFile) -> str:
    """The address at which the file can be looked at."""
    return reverse("km_pages:file_page", args=[stored.uuid])


class NameFilter(BaseFilterForm):
    """A box for words of the file's name."""

    q = forms.CharField(
        label=gettext_lazy("Words of its name"),
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Words of its name")}),
        required=False,
    )

    def filter(self, objects: QuerySet[StoredFile]) -> QuerySet[StoredFile]:
        """Those whose name holds every word."""
        objects = super().filter(objects)
        words = self.cleaned_data.get("q", "").split()[:8]
        for word in words:
            objects = objects.filter(name__icontains=word)
        self.is_searching = bool(words)
        self.search_query = " ".join(words)
        return objects


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "It is checked and read in the background. Nobody else sees it before the item that "
            "it belongs to is published."
        ),
    )


class _Narrowed:
    """What every view of the chooser has in common: the files of this editor."""

    request: HttpRequest

    def get_object_list(self) -> QuerySet[StoredFile]:
        return files_to_attach(self.request.user).order_by("-created_at", "-pk")

    def can_create(self) -> bool:
        # Whoever has come this far may enter the admin; the quota holds for everybody.
        return True

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,  # type: ignore[misc]
            Column("size", label=_("Size"), accessor=lambda each: size_in_words(each.size)),
            Column("state", label=_("State"), accessor=state_of),
            DateColumn("created_at", label=_("Uploaded")),
        ]


class _Chosen:
    """The answer to a choice: only files of this editor, with size and state in words."""

    request: HttpRequest

    def get_object(self, pk: Any) -> StoredFile:
        return files_to_attach(self.request.user).get(pk=whole(pk))

    def get_objects(self, pks: list[Any]) -> QuerySet[StoredFile]:
        return files_to_attach(self.request.user).filter(pk__in=whole_ones(pks))

    def get_display_title(self, instance: StoredFile) -> str:
        return file_in_words(instance)

    def get_edit_item_url(self, instance: StoredFile) -> str:
        return page_of(instance)


class ChooseFile(_Narrowed, chooser.ChooseView):
    """The list of files, and the tab to upload one."""

    filter_form_class = NameFilter


class FileResults(_Narrowed, chooser.ChooseResultsView):
    """The list alone, for another page of it or other words."""

    filter_form_class = NameFilter


class FileChosen(_Chosen, chooser.ChosenView):
    """One file was chosen."""


class FilesChosen(_Chosen, chooser.ChosenMultipleView):
    """Several files were chosen at once."""


class UploadFile(_Narrowed, _Chosen, chooser.CreateView):
    """A file was uploaded: stored by the same action as on the public side."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it and choose it, or say beside the field why not."""
        self.form = self.get_creation_form()
        if self.form.is_valid():
            upload = self.form.cleaned_data["file"]
            try:
                stored = StoreFile(uploader=request.user, name=upload.name, stream=upload).execute()
            except RefusedFile as refusal:
                self.form.add_error("file", refusal.message)
            else:
                return self.get_chosen_response(stored)
        return self.get_reshow_creation_form_response()


class FileChooserViewSet(ChooserViewSet):
    """Files of knowledge items."""

    model = StoredFile
    icon = "doc-full"
    page_title = gettext_lazy("Choose a file")
    choose_one_text = gettext_lazy("Choose or upload a file")
    choose_another_text = gettext_lazy("Choose another file")
    edit_item_text = gettext_lazy("Look at this file")
    search_tab_label = gettext_lazy("Files you may use")
    create_action_label = gettext_lazy("Upload")
    create_action_clicked_label = gettext_lazy("Uploading…")
    creation_form_class = UploadForm
    per_page = 20
    base_widget_class = FileWidget
    choose_view_class = ChooseFile
    choose_results_view_class = FileResults
    chosen_view_class = FileChosen
    chosen_multiple_view_class = FilesChosen
    create_view_class = UploadFile
