"""The kinds of file that can be added, and those that are refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from km_pages.files.names import extension_of


class Family(StrEnum):
    """How the content of a format is checked."""

    PDF = "pdf"
    OFFICE = "office"  # Office Open XML: a zip with parts
    OPEN_DOCUMENT = "open_document"
    OLDER_OFFICE = "older_office"  # OLE compound files: .doc, .xls, .ppt, .msg
    RTF = "rtf"
    TEXT = "text"
    PICTURE = "picture"
    RECORDING = "recording"
    ZIP = "zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of file.

    ``text``: its words are read and can be searched. ``inline``: a browser may show it by itself
    without being able to run anything in it. ``detected``: what :mod:`filetype` and
    :mod:`puremagic` may call it. ``needs``: parts that its container must hold.
    """

    extension: str
    mime: str
    label: Any
    family: Family
    text: bool = True
    inline: bool = False
    detected: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ZIPPED = _words("zip docx xlsx pptx odt ods odp docm xlsm pptm xlsb jar apk epub xps oxps kmz")
_OLE = _words("doc xls ppt msg msi dot xlt pps pot mpp vsd pub db mpd xla wiz fpx")
_ISO_MEDIA = _words("mp4 m4a m4v mov 3gp 3g2 qt m4b m4p f4v f4a mqv jp2")
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


def _office(extension: str, mime: str, label: Any, folder: str) -> Format:
    return Format(
        extension=extension,
        mime=_OOXML + mime,
        label=label,
        family=Family.OFFICE,
        # With a password it is a compound file around the zip.
        detected=_ZIPPED | _OLE,
        needs=(folder,),
    )


def _open_document(extension: str, mime: str, label: Any) -> Format:
    return Format(
        extension=extension,
        mime=_ODF + mime,
        label=label,
        family=Family.OPEN_DOCUMENT,
        detected=_ZIPPED,
    )


def _older(extension: str, mime: str, label: Any, stream: str, *, text: bool = False) -> Format:
    return Format(
        extension=extension,
        mime=mime,
        label=label,
        family=Family.OLDER_OFFICE,
        text=text,
        detected=_OLE,
        needs=(stream,),
    )


def _text(extension: str, mime: str, label: Any) -> Format:
    return Format(extension=extension, mime=mime, label=label, family=Family.TEXT)


def _picture(extension: str, mime: str, label: Any, *names: str, inline: bool = True) -> Format:
    return Format(
        extension=extension,
        mime=mime,
        label=label,
        family=Family.PICTURE,
        text=False,
        inline=inline,
        detected=frozenset({extension, *names}),
    )


def _recording(extension: str, mime: str, label: Any, names: frozenset[str]) -> Format:
    return Format(
        extension=extension,
        mime=mime,
        label=label,
        family=Family.RECORDING,
        text=False,
        inline=True,
        detected=names | {extension},
    )


_ALL = (
    Format(
        extension="pdf",
        mime="application/pdf",
        label=_("PDF"),
        family=Family.PDF,
        inline=True,
        detected=frozenset({"pdf", "fdf", "ai"}),
    ),
    _office("docx", "wordprocessingml.document", _("Word document"), "word/"),
    _office("pptx", "presentationml.presentation", _("PowerPoint slides"), "ppt/"),
    _office("xlsx", "spreadsheetml.sheet", _("Excel workbook"), "xl/"),
    _open_document("odt", "text", _("OpenDocument text")),
    _open_document("ods", "spreadsheet", _("OpenDocument workbook")),
    _open_document("odp", "presentation", _("OpenDocument slides")),
    Format(
        extension="rtf",
        mime="application/rtf",
        label=_("Rich text"),
        family=Family.RTF,
        detected=frozenset({"rtf", "json"}),
    ),
    _text("txt", "text/plain", _("Plain text")),
    _text("md", "text/markdown", _("Text with Markdown")),
    _text("csv", "text/csv", _("Table (CSV)")),
    _text("html", "text/html", _("Web page")),
    _text("eml", "message/rfc822", _("E-mail")),
    _text("vtt", "text/vtt", _("Captions or transcript")),
    _picture("png", "image/png", _("Picture"), "apng"),
    _picture("jpg", "image/jpeg", _("Photograph"), "jpeg", "jpe", "jfif", "jif", "spiff"),
    _picture("webp", "image/webp", _("Picture")),
    _picture("heic", "image/heic", _("Photograph"), "heif", "hif", inline=False),
    _recording("mp3", "audio/mpeg", _("Sound recording"), frozenset({"mpga", "mp2", "koz", "mpg"})),
    _recording("m4a", "audio/mp4", _("Sound recording"), _ISO_MEDIA),
    _recording("mp4", "video/mp4", _("Film"), _ISO_MEDIA),
    _recording("mov", "video/quicktime", _("Film"), _ISO_MEDIA),
    _recording("webm", "video/webm", _("Film"), frozenset({"mkv", "mka"})),
    _older(
        "msg",
        "application/vnd.ms-outlook",
        _("Outlook e-mail"),
        "__properties_version1.0",
        text=True,
    ),
    _older("doc", "application/msword", _("Older Word document"), "WordDocument"),
    _older("xls", "application/vnd.ms-excel", _("Older Excel workbook"), "Workbook"),
    _older(
        "ppt", "application/vnd.ms-powerpoint", _("Older PowerPoint slides"), "PowerPoint Document"
    ),
    Format(
        extension="zip",
        mime="application/zip",
        label=_("Zip folder"),
        family=Family.ZIP,
        text=False,
        detected=_ZIPPED,
    ),
)

FORMATS: dict[str, Format] = {each.extension: each for each in _ALL}
"""Every format by its extension."""

_SAME: dict[str, str] = {
    "jpeg": "jpg",
    "jpe": "jpg",
    "jfif": "jpg",
    "htm": "html",
    "text": "txt",
    "markdown": "md",
    "heif": "heic",
    "qt": "mov",
}

MACRO_EXTENSIONS = _words("docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam sldm odm xlm xla")
PROGRAM_EXTENSIONS = _words(
    "exe com scr pif msi msix msp cpl dll sys bat cmd ps1 psm1 vbs vbe vb js mjs jse ws wsf wsc "
    "wsh hta jar class apk app dmg pkg deb rpm sh bash command run bin elf so py pyc pyw pl php "
    "rb lnk url reg scf inf chm hlp gadget application xll iqy settingcontent iso img vhd vhdx"
)
ARCHIVE_EXTENSIONS = _words("zip rar 7z tar gz tgz bz2 xz zst cab ace arj lzh")
SCRIPTED_PICTURE_EXTENSIONS = _words("svg svgz")


def format_of(name: str) -> Format | None:
    """The format that the extension of ``name`` promises, or ``None`` where there is none."""
    extension = extension_of(name)
    return FORMATS.get(_SAME.get(extension, extension))


def accepted_extensions(*, allow_zip: bool = False) -> list[str]:
    """Every extension that can be added, with its dot, for a file chooser's ``accept``."""
    names = [*FORMATS, *_SAME]
    return sorted(f".{each}" for each in names if each != "zip" or allow_zip)
