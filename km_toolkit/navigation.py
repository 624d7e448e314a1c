"""The words that km_toolkit puts into the header."""

from django.utils.translation import gettext_lazy as _

from km_pages.navigation import Door, DoorQuestion, NavEntry
from km_toolkit.models import LearningIndexPage, ToolkitPage


def toolkit_entries() -> list[NavEntry]:
    """The modules, and the toolkit, which is also where somebody who leaves a role begins."""
    return [
        NavEntry(label=_("Learning"), order=20, page_type=LearningIndexPage),
        NavEntry(
            label=_("Leaving a role"),
            order=40,
            page_type=ToolkitPage,
            door=Door(
                title=_("Leaving a role?"),
                text=_(
                    "Six steps and a toolbox, so that what you know stays. Begin with 15 minutes."
                ),
                go=_("Pass it on"),
                icon="repeat",
                key="leave",
                questions=(DoorQuestion(name="weeks", label=_("Weeks left"), low=0, high=99),),
                anchor="#toolbox",
            ),
        ),
        NavEntry(
            label=_("Handovers"), order=45, url_name="km_toolkit:handovers", signed_in_only=True
        ),
    ]
