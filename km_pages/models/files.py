"""Files: what was uploaded, what it says, and where it is used.

A :class:`StoredFile` is outside page revisions. Files as children of pages were tried: publishing
an older revision reset their state, autosaves copied them, and a copied page lost its file.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable

from km_pages.models.old_versions import LeftOutWhenGone


def knowledge_storage() -> Storage:
    """The private storage of uploaded files: ``STORAGES["knowledge"]``, never below MEDIA_ROOT."""
    return storages["knowledge"]


def random_name(_stored: StoredFile, _filename: str) -> str:
    """A storage name that says nothing: two folders deep, so that no folder grows too large."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    """Files by state."""

    def servable(self) -> StoredFileQuerySet:
        """Those that may be given to somebody else than their uploader."""
        checked = self.filter(scan_state__in=[ScanState.CLEAN, ScanState.UNSCANNED], binned_at=None)
        return checked.exclude(extension__in=TELL_THE_PLACE)

    def public(self) -> StoredFileQuerySet:
        """All but private ones, which nobody else may even know the names of."""
        return self.filter(private=False)

    def unread(self) -> StoredFileQuerySet:
        """Those whose text has not been read yet."""
        return self.filter(text_state=TextState.WAITING)

    def in_bin(self) -> StoredFileQuerySet:
        """Those that were deleted and can still be had back."""
        return self.exclude(binned_at=None)

    def unused(self) -> StoredFileQuerySet:
        """Those that no item, draft or older version names, nor any record of another app.

        Whatever points at a file and does not go with it is a use of it.
        """
        unused = self.filter(attachments=None, revision_uses=None)
        for relation in self.model._meta.get_fields(include_hidden=True):
            if isinstance(relation, models.ManyToOneRel) and relation.on_delete != models.CASCADE:
                uses = relation.related_model._base_manager.filter(
                    **{relation.field.name: models.OuterRef("pk")}
                )
                unused = unused.filter(~models.Exists(uses))
        return unused


# Photographs whose place can only be left out by converting them: kept back until that is done.
TELL_THE_PLACE = frozenset({"heic"})


class ScanState(models.TextChoices):
    """What the virus scanner said. ``UNSCANNED``: this site runs no scanner."""

    PENDING = "pending", _("Waiting to be checked for viruses")
    CLEAN = "clean", _("No virus found")
    UNSCANNED = "unscanned", _("Not checked: this site has no virus scanner")
    INFECTED = "infected", _("A virus was found")
    ERROR = "error", _("Could not be checked")


class TextState(models.TextChoices):
    """What became of the reading of the file's text."""

    WAITING = "waiting", _("Waiting to be read")
    READ = "read", _("Can be searched")
    UNREADABLE = "unreadable", _("Could not be read")
    NO_TEXT = "no_text", _("Only its name can be searched")


class StoredFile(models.Model):
    """One uploaded file: its bytes never change, its states do.

    The one exception: a photograph of a kind that browsers cannot show (HEIC) is replaced by a
    JPEG before anybody else is given it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    blob = models.FileField(storage=knowledge_storage, upload_to=random_name, max_length=100)
    name = models.CharField(_("name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    mime = models.CharField(_("type"), max_length=120)
    extension = models.CharField(_("ending"), max_length=12)
    sha256 = models.CharField(max_length=64, editable=False, db_index=True)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="km_files",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    scan_state = models.CharField(
        _("virus check"), max_length=10, choices=ScanState.choices, default=ScanState.PENDING
    )
    text_state = models.CharField(
        _("text"), max_length=10, choices=TextState.choices, default=TextState.WAITING
    )
    reason = models.CharField(_("why it could not be read"), max_length=255, blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True)
    thumbnail = models.FileField(
        storage=knowledge_storage, upload_to=random_name, max_length=100, blank=True
    )
    document_title = models.CharField(_("title inside"), max_length=250, blank=True)
    document_author = models.CharField(_("author inside"), max_length=250, blank=True)
    document_language = models.CharField(_("language inside"), max_length=35, blank=True)
    document_date = models.DateField(_("date inside"), null=True, blank=True)
    document_changed = models.DateField(_("last changed, as it says"), null=True, blank=True)
    truncated = models.BooleanField(_("only read in part"), default=False)
    recognised = models.BooleanField(_("some text was read off pictures"), default=False)
    ocr_next = models.PositiveIntegerField(_("next page to read off"), null=True, blank=True)
    scanned_at = models.DateTimeField(_("checked for viruses"), null=True, blank=True)
    private = models.BooleanField(
        _("private"),
        default=False,
        editable=False,
        help_text=_("Given to its uploader and to nobody else, whatever rights they have."),
    )
    unused_since = models.DateTimeField(null=True, blank=True, editable=False)
    binned_at = models.DateTimeField(_("deleted"), null=True, blank=True, db_index=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("deleted by"),
    )

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name

    @property
    def logged_as(self) -> str:
        """What the audit log, which others read, calls it."""
        return str(_("A private file")) if self.private else self.name

    @property
    def is_servable(self) -> bool:
        """Whether it may be given to somebody else than its uploader."""
        kept_back = self.binned_at is not None or self.extension in TELL_THE_PLACE
        return self.is_checked and not kept_back

    @property
    def is_checked(self) -> bool:
        """Whether the virus check, where this site has one, found nothing."""
        return self.scan_state in (ScanState.CLEAN, ScanState.UNSCANNED)

    @property
    def state_in_words(self) -> str:
        """What its uploader should know about it: nothing where all is well."""
        if self.scan_state in (ScanState.PENDING, ScanState.INFECTED, ScanState.ERROR):
            return str(self.get_scan_state_display())
        if self.ocr_next and self.pages and self.pages > 1:
            words = _("Reading the scanned pages: %(done)d of %(all)d")
            return str(words) % {"done": self.ocr_next - 1, "all": self.pages}
        if self.text_state == TextState.WAITING:
            return str(self.get_text_state_display())
        return ""


class FilePassage(models.Model):
    """The text of one page, slide, sheet or part of a file."""

    stored_file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="passages")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=80)
    text = models.TextField()
    recognised = models.BooleanField(_("read off a picture"), default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["stored_file", "number"], name="km_one_passage")
        ]

    def __str__(self) -> str:
        return f"{self.stored_file}, {self.label}"


class Attachment(LeftOutWhenGone, Orderable):
    """A link from a knowledge item to a file; copied with the item, unlike the file."""

    page = ParentalKey(
        "km_pages.KnowledgeAssetPage", on_delete=models.CASCADE, related_name="attachments"
    )
    stored_file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        related_name="attachments",
        verbose_name=_("file"),
    )
    title = models.CharField(_("title"), max_length=160, blank=True)

    panels = [FieldPanel("stored_file"), FieldPanel("title")]

    class Meta(Orderable.Meta):
        verbose_name = _("file")

    def __str__(self) -> str:
        return self.title or str(self.stored_file)


class FileReplacement(models.Model):
    """That, in one item, a newer version of a file took its place, or an older one came back."""

    page = models.ForeignKey(
        "km_pages.KnowledgeAssetPage", on_delete=models.CASCADE, related_name="file_replacements"
    )
    old = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="replaced")
    new = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="put_in_place")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    note = models.CharField(_("what is new in it"), max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.new} in place of {self.old}"


def versions_of(page_id: int, stored: StoredFile) -> list[StoredFile]:
    """``stored`` and all files that stood in its place in the item, the newest upload first.

    At most two queries.
    """
    steps = FileReplacement.objects.filter(page_id=page_id).values_list("old_id", "new_id")
    family, pairs = {stored.pk}, list(steps)
    while beside := {key for pair in pairs if family & set(pair) for key in pair} - family:
        family |= beside
    if family == {stored.pk}:
        return [stored]
    return list(StoredFile.objects.filter(pk__in=family).select_related("uploader"))


def placings_of(page_id: int, files: list[StoredFile]) -> dict[int, FileReplacement]:
    """For each of ``files`` that was put in a place in the item: when that was done last. A query.

    The first version of all is in none.
    """
    done = FileReplacement.objects.filter(page_id=page_id, new__in=files).select_related("by")
    # The newest comes first, so it is written last.
    return {each.new_id: each for each in reversed(done)}


class RevisionFile(models.Model):
    """Which revision of which page names a file, so that drafts and older versions keep theirs.

    Attachment rows only tell of what is published; a draft's live inside its revision.
    """

    revision = models.ForeignKey(
        "wagtailcore.Revision", on_delete=models.CASCADE, related_name="km_files"
    )
    page_id = models.PositiveBigIntegerField(db_index=True)
    stored_file = models.ForeignKey(
        StoredFile, on_delete=models.CASCADE, related_name="revision_uses"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "stored_file"], name="km_one_revision_use")
        ]

    def __str__(self) -> str:
        return f"{self.stored_file} in {self.revision_id}"


def files_named_in(content: dict[str, Any]) -> set[int]:
    """Primary keys of the files that a revision's ``content`` names as attachments."""
    rows = content.get("attachments") or []
    return {row["stored_file"] for row in rows if row.get("stored_file")}
