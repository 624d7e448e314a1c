"""Begin another version of a technique from one that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.actions.write_draft import free_slug
from km_pages.models import RelatedTechnique, TechniquePage

LONGEST_TITLE = 255


@dataclass(frozen=True, kw_only=True)
class CopyAsVariant:
    """Copy the newest version of ``technique`` as a draft called ``title``, its variant.

    Nobody has checked the copy yet, so who did and when is left empty; so are its place in
    frameworks, because those name the original, and the days on which the original appears.
    """

    technique: TechniquePage
    by: Any
    title: str

    @staticmethod
    def allowed(technique: TechniquePage, by: Any) -> bool:
        """Whether ``by`` may read the drafts of ``technique`` and add another beside it."""
        beside = technique.get_parent().permissions_for_user(by)
        return bool(technique.permissions_for_user(by).can_copy() and beside.can_add_subpage())

    def check(self) -> None:
        """Raise ``NotAllowed`` without the right, ``Conflict`` without a usable title."""
        if not self.allowed(self.technique, self.by):
            raise NotAllowed(_("You cannot add a technique here."))
        parent = self.technique.get_parent()
        title = self.title.strip()
        if not title or len(title) > LONGEST_TITLE or not slugify(title):
            raise Conflict(_("Give the variant a name of its own, of at most 255 letters."))
        if parent.get_children().filter(title__iexact=title).exists():
            raise Conflict(_("There is a technique of this name already. Give another name."))

    def execute(self) -> TechniquePage:
        """Make it and return the draft."""
        self.check()
        with transaction.atomic():
            newest = self.technique.get_latest_revision_as_object()
            page = newest.copy(
                update_attrs=self._changed(), copy_revisions=False, keep_live=False, user=self.by
            )
            page = TechniquePage.objects.get(pk=page.pk)
            page.framework_entries = []
            page.related_links = self._links(page)
            page.save()
            page.save_revision(user=self.by, changed=False)
            log(page, "km_pages.variant", user=self.by, data={"of": self.technique.pk})
        return page

    def _changed(self) -> dict[str, Any]:
        title = self.title.strip()
        return {
            "title": title,
            "draft_title": title,
            "slug": free_slug(self.technique.get_parent(), title),
            "owner": self.by,
            "last_reviewed": None,
            "reviewed_by": None,
            "review_due": None,
            "go_live_at": None,
            "expire_at": None,
        }

    def _links(self, page: TechniquePage) -> list[RelatedTechnique]:
        """The copied links, the one to the original first and as what it is."""
        own = {page.pk, self.technique.pk}
        kept = [
            RelatedTechnique(other=each.other, relation=each.relation, sort_order=place)
            for place, each in enumerate(page.related_links.all(), start=1)
            if each.other_id not in own
        ]
        relation = RelatedTechnique.Relation.VARIANT
        return [RelatedTechnique(other=self.technique, relation=relation, sort_order=0), *kept]
