"""A drawing as a file: SVG and PDF, which are vectors, and PNG, which is the PDF in pixels."""

import io
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from backend.ecg.drawing.shapes import Drawing, Letters, Line

DPI: Final = 300
_POINTS = 72 / 25.4  # a mm
_CAPITALS = 0.72  # height of a capital letter, of the size of Helvetica


def to_svg(drawing: Drawing) -> bytes:
    """Return an SVG whose width and height are true millimetres and whose unit is the millimetre."""
    size = (
        f'width="{drawing.width:g}mm" height="{drawing.height:g}mm" viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(drawing.title)}</title>",
        f'<rect width="{drawing.width:g}" height="{drawing.height:g}" fill="#ffffff"/>',
    ]
    for (colour, width, kind, name), lines in groupby(
        drawing.lines, key=lambda line: (line.colour, line.width, line.kind, line.name)
    ):
        path = "".join(map(_path, lines))
        marks = "".join(f" data-{key}={quoteattr(value)}" for key, value in (("kind", kind), ("lead", name)) if value)
        parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round"{marks}/>'
        )
    parts += map(_letters, drawing.letters)
    return "\n".join([*parts, "</svg>\n"]).encode()


def to_pdf(*drawings: Drawing) -> bytes:
    """Return a PDF whose pages have exactly these sizes; the same drawings give the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    page = Canvas(buffer, invariant=1)
    page.setTitle(drawings[0].title)
    for drawing in drawings:
        page.setPageSize((drawing.width * _POINTS, drawing.height * _POINTS))
        _put(page, drawing)
        page.showPage()
    page.save()
    return buffer.getvalue()


def _put(page: Any, drawing: Drawing) -> None:
    """Draw on a page of reportlab."""
    page.setLineJoin(1)
    for line in drawing.lines:
        path = page.beginPath()
        (x, y), *further = _in_points(drawing, line)
        path.moveTo(x, y)
        for x, y in further:
            path.lineTo(x, y)
        page.setStrokeColor(line.colour)
        page.setLineWidth(line.width * _POINTS)
        page.drawPath(path)
    for letters in drawing.letters:
        page.setFillColor(letters.colour)
        page.setFont("Helvetica-Bold" if letters.bold else "Helvetica", letters.size / _CAPITALS * _POINTS)
        write = {"start": page.drawString, "middle": page.drawCentredString, "end": page.drawRightString}
        write[letters.anchor](letters.x * _POINTS, (drawing.height - letters.y) * _POINTS, _writable(letters.text))


def to_png(drawing: Drawing) -> bytes:
    """Return a PNG of 300 dots an inch, which it states, so that programs print it in its size."""
    import pypdfium2

    document = pypdfium2.PdfDocument(to_pdf(drawing))
    try:
        image = document[0].render(scale=DPI / 72).to_pil()
    finally:
        document.close()
    buffer = io.BytesIO()
    image.save(buffer, "PNG", dpi=(DPI, DPI), optimize=False)
    return buffer.getvalue()


FORMATS: Final[Mapping[str, tuple[str, Callable[[Drawing], bytes]]]] = {
    "pdf": ("application/pdf", to_pdf), "svg": ("image/svg+xml", to_svg), "png": ("image/png", to_png),
}  # fmt: skip
"""Media type and writer of each format."""


def _path(line: Line) -> str:
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in line.points)


def _in_points(drawing: Drawing, line: Line) -> list[tuple[float, float]]:
    return [(x * _POINTS, (drawing.height - y) * _POINTS) for x, y in line.points.tolist()]


def _letters(letters: Letters) -> str:
    weight = ' font-weight="bold"' if letters.bold else ""
    return (
        f'<text x="{letters.x:.3f}" y="{letters.y:.3f}" font-family="Helvetica, Arial, sans-serif" '
        f'font-size="{letters.size / _CAPITALS:.2f}" text-anchor="{letters.anchor}" fill="{letters.colour}"{weight}>'
        f"{escape(letters.text)}</text>"
    )


def _writable(text: str) -> str:
    """Return text in the signs that the standard fonts of PDF have; what they lack becomes a question mark."""
    return text.encode("cp1252", "replace").decode("cp1252")
