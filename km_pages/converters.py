"""What an address may hold. Registered when the app is ready."""

from django.urls.converters import IntConverter


class KeyConverter(IntConverter):
    """A primary key: a number that every database can hold. Longer ones are no address."""

    regex = "[0-9]{1,18}"
