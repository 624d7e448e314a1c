"""Blocks of ordinary pages and of the footer."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StructBlock
from wagtail.images.blocks import ImageBlock

from km_pages.blocks.knowledge import CalloutBlock
from km_pages.blocks.video import VideoBlock

PAGE_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "hr"]


class QuoteBlock(StructBlock):
    """A quotation and who said it."""

    quote = blocks.TextBlock(label=_("Quotation"), rows=3)
    who = blocks.CharBlock(label=_("Who said it"), max_length=160, required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        description = _("Somebody's words, and who said them")
        template = "km_pages/blocks/quote.html"
        preview_value = {"quote": "Ask before the last week.", "who": "A ward manager"}


class PictureBlock(ImageBlock):
    """A picture that fits its column. It needs alternative text, or the tick for decorative ones.

    It looks like Wagtail's own block to migrations.
    """

    class Meta:
        icon = "image"
        template = "km_pages/blocks/picture.html"
        preview_template = "km_pages/blocks/preview_picture.html"


class FinderBlock(blocks.StaticBlock):
    """The questions of the finder, wherever an editor wants them."""

    class Meta:
        icon = "help"
        label = _("Which technique fits?")
        description = _("The questions of the finder; the answer opens on its own page")
        admin_text = _("Shows the questions of the finder.")
        template = "km_pages/blocks/finder.html"
        preview_value = None


class PageBodyBlock(blocks.StreamBlock):
    """The body of an ordinary page."""

    text = blocks.RichTextBlock(
        label=_("Text"),
        icon="pilcrow",
        features=PAGE_FEATURES,
        description=_("Paragraphs, headings, lists and links"),
        preview_value="<h2>What it is</h2><p>Passing on what people know.</p>",
    )
    quote = QuoteBlock()
    callout = CalloutBlock()
    finder = FinderBlock()
    image = PictureBlock(
        label=_("Image"), description=_("A picture with words for those who cannot see it")
    )
    video = VideoBlock()


class DoorBlock(StructBlock):
    """An organisation's own words on one of the cards of the home page."""

    door = blocks.ChoiceBlock(
        label=_("Which card"),
        choices=[
            ("find", _("Find a technique")),
            ("search", _("Search what we know")),
            ("leave", _("Leaving a role?")),
        ],
    )
    title = blocks.CharBlock(label=_("Heading"), max_length=80)
    text = blocks.CharBlock(label=_("One sentence"), max_length=200, required=False)
    go = blocks.CharBlock(
        label=_("Words of its link"), max_length=40, help_text=_("Two or three words.")
    )

    class Meta:
        icon = "home"
        label = _("Card")
        description = _("A card of the home page in your own words")
        preview_value = {
            "door": "find",
            "title": "Learn after a shift",
            "text": "Fifteen minutes, four questions.",
            "go": "Choose one",
        }


class FooterLinkBlock(StructBlock):
    """A link in the footer: to a page here, or to an address."""

    label = blocks.CharBlock(label=_("Words"), max_length=60)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    url = blocks.URLBlock(label=_("Or address"), required=False)

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        """Ask for exactly one target, so that no link leads nowhere."""
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["url"]):
            message = _("Choose a page or give an address: one of the two.")
            raise blocks.StructBlockValidationError(block_errors={"url": ValidationError(message)})
        return cleaned

    class Meta:
        icon = "link"
        label = _("Link")
        description = _("A link in the footer, to a page here or to an address")
        preview_value = {"label": "Privacy", "page": None, "url": "https://example.org/privacy"}
