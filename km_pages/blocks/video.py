"""A film on another site, of which nothing is fetched before its reader asks for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from km_pages.conf import conf
from km_pages.links.finding import host_of
from km_pages.links.videos import player_of


class VideoValue(blocks.StructValue):
    """A film that knows where it plays, if it still may."""

    @property
    def player(self) -> str:
        """The address for the frame; "" since its host is no longer allowed."""
        return player_of(self.get("address") or "")

    @property
    def host(self) -> str:
        """The site that learns of whoever plays it here."""
        return host_of(self.player)

    @property
    def site(self) -> str:
        """The site that the link leads to."""
        return host_of(self.get("address") or "")


class VideoBlock(blocks.StructBlock):
    """A film on another site, with its words for those who cannot hear or open it."""

    title = blocks.CharBlock(label=_("What it shows"), max_length=160)
    address = blocks.URLBlock(
        label=_("Address of the film"),
        max_length=500,
        help_text=_(
            "From YouTube, Vimeo or another site that your organisation allows. Nothing is fetched "
            "from there until a reader presses play."
        ),
    )
    minutes = blocks.IntegerBlock(label=_("Minutes"), required=False, min_value=1, max_value=600)
    transcript = blocks.TextBlock(
        label=_("What is said in it"),
        required=False,
        rows=6,
        help_text=_("Found by the search. Needed, or the address of captions or a transcript."),
    )
    words_address = blocks.URLBlock(
        label=_("Address of captions or a transcript"), required=False, max_length=500
    )

    class Meta:
        icon = "media"
        label = _("Film on another site")
        description = _("A film that plays here once a reader asks for it, and its words")
        template = "km_pages/blocks/video.html"
        value_class = VideoValue
        preview_value = {
            "title": "Changing the filter of the pump",
            "address": "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
            "minutes": 3,
            "transcript": "First, switch the pump off at the wall.",
            "words_address": "",
        }

    def clean(self, value: VideoValue) -> VideoValue:
        """Ask for an address on an allowed site, and for the film's words. Raises with both."""
        cleaned: VideoValue = super().clean(value)
        errors = {}
        if not player_of(cleaned["address"]):
            errors["address"] = ValidationError(_not_allowed())
        words = cleaned.get("words_address") or ""
        if words and urlsplit(words).scheme not in ("http", "https"):
            errors["words_address"] = ValidationError(
                _("Give an address that starts with https://.")
            )
        elif not words and not (cleaned.get("transcript") or "").strip():
            errors["transcript"] = ValidationError(
                _(
                    "Write what is said in it, or give the address of captions or a transcript: "
                    "not everybody can hear it or open that site."
                )
            )
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned


def _not_allowed() -> str:
    hosts = conf().video_hosts
    if not hosts:
        return str(_("Films of other sites are turned off here. Add a link or a file instead."))
    words = _(
        "Films can be shown from %(hosts)s only. Give the address of a film there, beginning with "
        "https://, or add a link instead."
    )
    return words % {"hosts": ", ".join(hosts)}
