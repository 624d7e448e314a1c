"""Words that mean the same, kept by editors for the search."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from km_pages.search.analysis import stems
from km_pages.search.synonyms import Meaning, several


class Synonym(models.Model):
    """Other words under which the search looks as well; counts from the next search on."""

    words = models.CharField(
        _("what people type"),
        max_length=100,
        help_text=_("A word, several words or an abbreviation, such as AAR."),
    )
    also = models.CharField(
        _("what is searched as well"),
        max_length=100,
        help_text=_("What it stands for, such as after action review."),
    )
    both_ways = models.BooleanField(
        _("both ways"),
        default=True,
        help_text=_(
            "Who types the second finds the first as well. Leave it out for a narrower word."
        ),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["words", "also"]
        verbose_name = _("other word")
        verbose_name_plural = _("other words")
        constraints = [
            models.UniqueConstraint(
                fields=["words", "also"],
                name="km_one_synonym_each",
                violation_error_message=_("This pair is there already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.words} {'=' if self.both_ways else '→'} {self.also}"

    def clean(self) -> None:
        """Refuse what the search could do nothing with, beside the field, and what is there."""
        super().clean()
        self.words, self.also = (" ".join(text.split()) for text in (self.words, self.also))
        for name in ("words", "also"):
            text = getattr(self, name)
            if text and not all(map(stems, several(text) or [""])):
                raise ValidationError({name: _("There is no letter or number in this.")})
        pairs = self.pairs()
        if any(typed == meant for typed, meant in pairs):
            words = _("The search takes these for the same already. Nothing needs to be done.")
            raise ValidationError({"also": words})
        others = Synonym.objects.exclude(pk=self.pk)
        if pairs and pairs <= {pair for each in others for pair in each.pairs()}:
            raise ValidationError(_("This pair is there already."))

    def pairs(self) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
        """What is typed and what is searched as well, as the search compares them."""
        meaning = Meaning(self.words, self.also, self.both_ways)
        return {(stems(typed), stems(meant)) for typed, meant in meaning.pairs()}
