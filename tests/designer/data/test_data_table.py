"""A table of numbers on the Data page: what is taken of it, and whom it names."""

from PySide6.QtCore import Qt


def test_that_a_table_shows_its_numbers_and_names_nobody_until_asked(qtbot, window, tmp_path):
    file = tmp_path / "clinic.csv"
    rows = ["patient_id,age_years,volume_ml,site"] + [f"SMITH{at:02},{40 + at},{1000 + at},north" for at in range(12)]
    file.write_text("\n".join(rows), encoding="utf-8")
    document = window.project.document
    with document.edit("Add"):
        node = document.add("table", "Clinic")
    window.show_workspace("design")
    window.open_folder(file, node)
    qtbot.waitUntil(lambda: document.nodes[node].settings.get("found_columns") is not None, timeout=60_000)
    qtbot.waitUntil(lambda: len(window.data.browser.cases.table.cases.places) == 12, timeout=60_000)
    assert document.nodes[node].settings["found_columns"] == ["age_years", "volume_ml"]
    table = window.data.browser.cases.table
    assert [column for column in table.cases.headers if column in ("age_years", "volume_ml")]
    assert not any(table.isColumnHidden(table.cases.headers.index(name)) for name in ("age_years", "volume_ml"))
    said = " ".join(str(cell) for place in range(12) for cell in table.cases.row(place))
    assert "SMITH" not in said
    assert table.cases.row(2)[-2:] == (42.0, 1002.0)
    window.data.browser.book.show_names(True)
    assert table.cases.data(table.cases.index(0, 0), Qt.ItemDataRole.DisplayRole) == "SMITH00"
