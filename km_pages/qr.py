"""QR codes that lead from paper back to a page."""

from __future__ import annotations

import segno


def qr_picture(address: str) -> str:
    """``address`` as a QR code: a data address of an SVG, for the ``src`` of an image."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2))
