"""Writes small PDF files of Chinese text, as a test needs them."""

from collections.abc import Sequence


def pdf(*pages: Sequence[str], title: str | None = None, trailer: str = "") -> bytes:
    """A PDF whose pages show these lines; a page without lines is a picture."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{6 + 2 * n} 0 R' for n in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        f"<< /Title <{_hex(title, bom=True)}> >>" if title else "<< >>",
    ]
    for number, lines in enumerate(pages):
        shown = "\n".join(f"1 0 0 1 72 {760 - 20 * row} Tm <{_hex(line)}> Tj" for row, line in enumerate(lines))
        stream = f"BT /F1 12 Tf\n{shown}\nET" if lines else "0 0 m 99 99 l S"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {7 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R /Info 5 0 R {trailer}>>\n"
    )
    return bytes(out) + f"{end}startxref\n{len(out)}\n%%EOF\n".encode("ascii")


def _hex(text: str, *, bom: bool = False) -> str:
    return ("feff" if bom else "") + text.encode("utf-16-be").hex()
