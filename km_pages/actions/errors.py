"""What an action may say instead of doing it; the words are meant for the person who asked."""


class ActionError(Exception):
    """Base of the refusals below; ``str()`` gives a sentence for the screen."""


class NotAllowed(ActionError):
    """This person may not do this."""


class Conflict(ActionError):
    """It cannot be done now: somebody else was first, or something is missing."""
