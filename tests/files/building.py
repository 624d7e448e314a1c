"""Files that the tests build themselves: honest ones with known words, and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
SLIDES = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
SHEETS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
COMPATIBLE = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
ODF_NAMES = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "presentation", "style", "meta", "manifest")
    )
    + ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)
ODF_MIME = "application/vnd.oasis.opendocument."


def zipped(parts: Mapping[str, str | bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A zip of ``parts``; those named in ``stored`` are not compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            how = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            made.writestr(name, content, how)
    return target.getvalue()


def relations(**targets: str) -> str:
    """A part of links: ``id=kind:target``."""
    links = "".join(
        f'<Relationship Id="{name}" Type="{KIND}{target.partition(":")[0]}" '
        f'Target="{target.partition(":")[2]}"/>'
        for name, target in targets.items()
    )
    return f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>'


def docx(body: str = "", *, parts: Mapping[str, str | bytes] | None = None, **links: str) -> bytes:
    """A Word document with ``body`` inside ``w:body``, further parts, and links to them."""
    names = f"{WORD} {LINKS} {DRAWING} {COMPATIBLE}"
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(main="officeDocument:word/document.xml"),
            "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations(**links),
            **(parts or {}),
        }
    )


def paragraph(text: str) -> str:
    """A paragraph of Word."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx_part(name: str, content: str) -> str:
    """A part of a Word document whose root is ``name``."""
    return f"<w:{name} {WORD}>{content}</w:{name}>"


def xlsx(rows: str, *, shared: str = "", styles: str = "", sheet: str = "Budget") -> bytes:
    """A workbook of one sheet with ``rows`` inside its ``sheetData``."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(main="officeDocument:xl/workbook.xml"),
            "xl/workbook.xml": f"<workbook {SHEETS} {LINKS}><sheets>"
            f'<sheet name="{sheet}" sheetId="1" r:id="one"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                one="worksheet:worksheets/sheet1.xml",
                two="sharedStrings:sharedStrings.xml",
                three="styles:styles.xml",
            ),
            "xl/worksheets/sheet1.xml": (
                f"<worksheet {SHEETS}><sheetData>{rows}</sheetData></worksheet>"
            ),
            "xl/sharedStrings.xml": f"<sst {SHEETS}>{shared}</sst>",
            "xl/styles.xml": f"<styleSheet {SHEETS}>{styles}</styleSheet>",
        }
    )


def pptx(slide: str, *, notes: str = "") -> bytes:
    """Slides of one slide with its notes."""
    names = f"{SLIDES} {DRAWING} {LINKS}"
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(main="officeDocument:ppt/presentation.xml"),
            "ppt/presentation.xml": f"<p:presentation {names}><p:sldIdLst>"
            '<p:sldId id="256" r:id="rId2"/></p:sldIdLst></p:presentation>',
            "ppt/_rels/presentation.xml.rels": relations(rId2="slide:slides/slide1.xml"),
            "ppt/slides/slide1.xml": f"<p:sld {names}><p:cSld><p:spTree>{slide}</p:spTree>"
            "</p:cSld></p:sld>",
            "ppt/slides/_rels/slide1.xml.rels": relations(n="notesSlide:../notesSlides/n1.xml"),
            "ppt/notesSlides/n1.xml": f"<p:notes {names}>{notes}</p:notes>",
        }
    )


def shape(text: str, *, kind: str = "body") -> str:
    """A shape with one paragraph."""
    return (
        f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody>'
        f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def odf(kind: str, body: str, *, styles: str = "", manifest: str = "", **more: str) -> bytes:
    """An OpenDocument ``text``, ``spreadsheet`` or ``presentation``."""
    inner = f"<office:{kind}>{body}</office:{kind}>"
    return zipped(
        {
            "mimetype": ODF_MIME + kind,
            "content.xml": f"<office:document-content {ODF_NAMES}><office:body>{inner}"
            "</office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {ODF_NAMES}>{styles}</office:document-styles>",
            "META-INF/manifest.xml": f"<manifest:manifest {ODF_NAMES}>{manifest}"
            "</manifest:manifest>",
            **more,
        },
        stored=("mimetype",),
    )


def pdf(*contents: bytes, compressed_twice: bool = False, resources: bytes = b"") -> bytes:
    """A PDF with a page for each of ``contents``, whose operators may use the font F1."""
    fonts = b"/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    for content in contents:
        stream, filters = zlib.compress(content, 9), b"/FlateDecode"
        if compressed_twice:
            stream, filters = zlib.compress(stream, 9), b"[/FlateDecode/FlateDecode]"
        number = len(objects) + 1
        kids.append(b"%d 0 R" % number)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<<%s%s>>/Contents %d 0 R>>"
            % (fonts, resources, number + 1)
        )
        head = b"<</Filter%s/Length %d>>stream\n" % (filters, len(stream))
        objects.append(head + stream + b"\nendstream")
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    return _with_table(objects)


def written(text: str) -> bytes:
    """The operators that write one line of ``text`` on a page."""
    return b"BT /F1 12 Tf 50 700 Td (" + text.encode("latin-1") + b") Tj ET"


def _with_table(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    return bytes(out)


def png(width: int, height: int, *, after: bytes = b"") -> bytes:
    """A PNG that says it is ``width`` by ``height`` pixels, with almost nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    header = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"") + after


def multipart(depth: int) -> bytes:
    """An e-mail of multiparts nested ``depth`` deep, with a word in the middle."""
    opening = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n'
        for level in range(depth)
    )
    closing = "".join(f"--b{level}--\n" for level in reversed(range(depth)))
    inner = "Content-Type: text/plain\n\nneedleword\n"
    return f"From: a@example.org\nSubject: Nested deep\n{opening}{inner}{closing}".encode()


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file of ``streams``, each at least 4096 bytes after filling with spaces.

    A name with a slash is inside a storage.
    """
    sector = 512
    entries: list[list] = [["Root Entry", 5, [], b""]]
    folders: dict[str, int] = {}
    for name, content in streams.items():
        folder, _slash, leaf = name.rpartition("/")
        if folder and folder not in folders:
            folders[folder] = len(entries)
            entries[0][2].append(len(entries))
            entries.append([folder, 1, [], b""])
        entries[folders.get(folder, 0)][2].append(len(entries))
        entries.append([leaf, 2, [], content.ljust(4096, b" ")])
    while len(entries) % 4:
        entries.append(["", 0, [], b""])
    directory_sectors = len(entries) // 4
    table = [0xFFFFFFFD]
    data = b""
    starts = {}
    table += [n + 2 for n in range(directory_sectors - 1)] + [0xFFFFFFFE]
    for number, (_name, _kind, _children, content) in enumerate(entries):
        if content:
            starts[number] = len(table)
            sectors = -(-len(content) // sector)
            table += [len(table) + n + 1 for n in range(sectors - 1)] + [0xFFFFFFFE]
            data += content.ljust(sectors * sector, b"\0")
    none = 0xFFFFFFFF
    siblings: dict[int, int] = {}
    for _name, _kind, children, _content in entries:
        siblings.update(zip(children, [*children[1:], none], strict=False))
    directory = b""
    for number, (name, kind, children, content) in enumerate(entries):
        wide = name.encode("utf-16-le")
        directory += wide.ljust(64, b"\0") + struct.pack(
            "<HBB", len(wide) + 2 if name else 0, kind, 1
        )
        directory += struct.pack("<3L", none, siblings.get(number, none), (children or [none])[0])
        directory += b"\0" * 36
        directory += struct.pack("<3L", starts.get(number, 0xFFFFFFFE), len(content), 0)
    fat = struct.pack(f"<{len(table)}L", *table).ljust(sector, b"\xff")
    assert len(fat) == sector, "too much for one sector of the table"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<5H6s9L", 62, 3, 0xFFFE, 9, 6, b"\0" * 6, 0, 1, 1, 0, 4096,
                          0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    header += struct.pack("<109L", 0, *[none] * 108)
    return header + fat + directory + data
