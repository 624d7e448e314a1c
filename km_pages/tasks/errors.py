"""What a task may say instead of doing its work."""


class NotNow(Exception):
    """The machine's trouble and not the job's: try again later, without counting it as a try."""
