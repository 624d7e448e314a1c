"""The header that says which powers of the device pages of this site may ask for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# A reader records what they know, and copies a text to send. Nothing is said of what films of other
# sites are handed by their frame, such as the whole screen.
OURS = ("clipboard-write", "microphone")
NOBODY = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "midi",
    "payment",
    "usb",
)
VALUE = ", ".join([*(f"{each}=(self)" for each in OURS), *(f"{each}=()" for each in NOBODY)])


def permissions_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Send ``Permissions-Policy`` with every answer that has none of its own."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", VALUE)
        return response

    return handle
