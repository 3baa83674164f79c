"""Files of past sales as shops have them: a CSV with some dirt, and the least an XLSX file can be."""

import zipfile
from io import BytesIO
from xml.sax.saxutils import escape

HEADING = "Số hóa đơn;Khách hàng;Ngày giờ;Thành tiền"


def sales_file() -> bytes:
    """Forty regulars who come every month of 2025, forty who come once, walk-ins, and three bad lines."""
    lines = [HEADING]
    for month in range(1, 13):
        for who in range(40):
            lines.append(f"A{month}-{who};KH{who:02d};{who % 28 + 1:02d}/{month:02d}/2025 09:00;50.000")
    lines += [f"B{who};Mới{who};15/{who % 12 + 1:02d}/2025 10:00;80.000" for who in range(40)]
    lines += [f"C{n};Khách lẻ;16/06/2025 11:00;30.000" for n in range(25)]
    lines += ["D1;KH01;32/13/2025;10.000", "D2;KH02;01/02/2025;abc", "D3;KH03;;5.000"]
    return ("\ufeff" + "\r\n".join(lines)).encode()


def workbook(rows: list[list[str]]) -> bytes:
    """The least an XLSX file can be."""
    out = BytesIO()
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ours = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{rels}"><Relationship Id="a" Type="{ours}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{rels}"><Relationship Id="b" Type="{ours}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{ours}"><sheets><sheet name="Bán" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(out, "w") as packed:
        for name, text_ in parts.items():
            packed.writestr(name, text_)
    return out.getvalue()
