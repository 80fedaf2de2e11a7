"""Tables in other forms: Excel, several labels, DICOM elements, Neural Network Console; and what contradicts."""

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PIL import Image

from runtime.data.catalogue import DataError, DataSet
from runtime.data.label_table import preview
from runtime.data.label_values import several_labels
from runtime.data.labels import read_dataset
from tests.builders.dicom import dicom, gradient


def pictures(folder: Path, count: int = 6, size: int = 8) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.fromarray(np.full((size, size), number, np.uint8)).save(folder / f"img{number}.png")
    return folder


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def texts(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


# Excel and encodings


def test_that_an_excel_table_labels_images_and_other_sheets_are_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["path", "label"], *([f"img{number}.png", number % 2] for number in range(6))]
    workbook(pictures(tmp_path) / "labels.xlsx", {"Notes": [["nothing"]], "Cases": rows, "More": rows})
    dataset = read_dataset(tmp_path)
    assert dataset.counts() == {"0": 3, "1": 3}
    assert "labels.xlsx has several sheets with rows; 'Cases' is used, and not More" in texts(dataset)


def test_that_whole_numbers_of_excel_stay_whole_and_a_preview_shows_them_as_read(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", {"S": [["id", "size"], [7.0, 1.25], [12345678901, None]]})
    shown = preview(tmp_path / "a.xlsx")
    assert shown.columns == ("id", "size")
    assert shown.rows == (("7", "1.25"), ("12345678901", ""))
    assert (shown.total, shown.how) == (2, "Excel, sheet S")


@pytest.mark.parametrize(
    ("encoding", "label", "how"),
    [
        ("utf-16", "größer", "UTF-16"),
        ("utf-32", "größer", "UTF-32"),
        ("cp1252", "größer", "Windows-1252"),
        ("utf-8-sig", "größer", "UTF-8"),
        ("shift_jis", "肺、右", "Shift-JIS"),
    ],
)
def test_that_the_encoding_is_found_and_told(tmp_path: Path, encoding: str, label: str, how: str) -> None:
    (tmp_path / "a.csv").write_bytes(f"path|label\nimg0.png|{label}\nimg1.png|b\n".encode(encoding))
    shown = preview(tmp_path / "a.csv")
    assert shown.rows[0] == ("img0.png", label)
    assert shown.how == f"{how}, separated by vertical bar"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "Excel 97 to 2003"),
        (b"PK\x03\x04" + bytes(60), "damaged workbook"),
    ],
)
def test_that_workbooks_that_cannot_be_read_are_refused_in_one_sentence(tmp_path: Path, raw: bytes, said: str) -> None:
    (pictures(tmp_path) / "labels.xlsx").write_bytes(raw)
    with pytest.raises(DataError, match=said):
        read_dataset(tmp_path, "labels.xlsx")


# several labels of one image


def test_that_a_table_named_like_labels_with_nothing_but_numbers_is_several_numbers(tmp_path: Path) -> None:
    rows = "img0.png,1.5,20\nimg1.png,2.5,30\nimg2.png,3.25,40\nimg3.png,4,50.5\n"
    (pictures(tmp_path, 4) / "labels.csv").write_text("path,width_mm,age\n" + rows)
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("number", ("width_mm", "age"))
    assert dataset.samples[0].numbers == (1.5, 20)
    assert "2 numbers are learned together, the columns width_mm, age of labels.csv." in dataset.said
    (tmp_path / "labels.csv").rename(tmp_path / "measured.csv")
    assert "measured.csv is not used: none of its columns is named like labels" in texts(read_dataset(tmp_path))



def test_that_columns_of_yes_and_no_are_several_labels(tmp_path: Path) -> None:
    rows = "img0.png,1,0\nimg1.png,0,0\nimg2.png,1,1\nimg3.png,,1\n"
    (pictures(tmp_path, 4) / "t.csv").write_text("path,mass,fluid\n" + rows)
    dataset = read_dataset(tmp_path, "t.csv")
    assert (dataset.label, dataset.classes) == ("labels", ("mass", "fluid"))
    assert [sample.labels for sample in dataset.samples] == [("mass",), (), ("mass", "fluid")]
    assert several_labels(dataset, dataset.classes).tolist() == [[1, 0], [0, 0], [1, 1]]
    assert "1 image has an empty cell among the labels in t.csv: img3.png" in texts(dataset)


def test_that_exactly_one_yes_in_each_row_is_a_class(tmp_path: Path) -> None:
    (pictures(tmp_path, 4) / "t.csv").write_text(
        "path,mel,nv\nimg0.png,1.0,0.0\nimg1.png,0.0,1.0\nimg2.png,1.0,0.0\nimg3.png,0.0,1.0\n"
    )
    dataset = read_dataset(tmp_path, "t.csv")
    assert (dataset.label, dataset.counts()) == ("class", {"mel": 2, "nv": 2})


def test_that_a_list_in_one_cell_is_several_labels(tmp_path: Path) -> None:
    (pictures(tmp_path, 4) / "labels.csv").write_text(
        "path,label\nimg0.png,mass|fluid\nimg1.png,fluid\nimg2.png,mass\nimg3.png,none|fluid\n"
    )
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("labels", ("fluid", "mass", "none"))
    assert dataset.counts() == {"fluid": 3, "mass": 2, "none": 1}


def test_that_a_comma_within_single_classes_does_not_cut_them(tmp_path: Path) -> None:
    rows = "".join(f'img{number}.png,"{"left, upper" if number % 2 else "right, lower"}"\n' for number in range(6))
    (pictures(tmp_path) / "labels.csv").write_text("path,label\n" + rows)
    assert read_dataset(tmp_path).classes == ("left, upper", "right, lower")


def test_that_named_columns_with_other_words_are_refused(tmp_path: Path) -> None:
    (pictures(tmp_path, 3) / "t.csv").write_text("path,mass,fluid\nimg0.png,1,0\nimg1.png,-1,0\nimg2.png,1,1\n")
    with pytest.raises(DataError, match=r"Column 'mass' of t.csv says -1, which is neither yes nor no"):
        read_dataset(tmp_path, "t.csv:mass,fluid")


# conflicts


def test_that_a_table_beside_class_folders_is_compared_with_them(tmp_path: Path) -> None:
    for name in ("ill", "well"):
        pictures(tmp_path / name, 3)
    rows = "".join(f"{name}/img{number}.png,{name}\n" for name in ("ill", "well") for number in range(3))
    (tmp_path / "labels.csv").write_text("path,label\n" + rows.replace("ill/img2.png,ill", "ill/img2.png,well"))
    dataset = read_dataset(tmp_path)
    assert dataset.counts() == {"ill": 2, "well": 4}
    assert "There are class folders too (2 classes); --labels folders takes them instead" in texts(dataset)
    assert "another class than their folder; the table counts: ill/img2.png (well; their folder: ill)" in texts(dataset)


def test_that_repeated_rows_are_told_and_contradictions_refused_with_both_labels(tmp_path: Path) -> None:
    pictures(tmp_path, 2)
    table = tmp_path / "labels.csv"
    table.write_text("path,label\nimg0.png,a\nimg0.png,a\nimg1.png,b\n")
    assert "labels.csv names 1 image more than once, each time with the same label" in texts(read_dataset(tmp_path))
    table.write_text("path,label\nimg0.png,a\nimg0.png,b\nimg1.png,b\n")
    with pytest.raises(DataError, match=r"1 image: img0\.png \(lines 2 and 3: 'a' and 'b'\)"):
        read_dataset(tmp_path)


# DICOM elements


def test_that_a_dicom_element_is_a_class_and_images_without_it_are_told(tmp_path: Path) -> None:
    for number, sex in enumerate("FMFM"):
        dicom(tmp_path / f"{number}.dcm", gradient(), patient=f"P{number}", PatientSex=sex)
    dicom(tmp_path / "4.dcm", gradient(), patient="P4")
    dataset = read_dataset(tmp_path, "tag:PatientSex")
    assert dataset.counts() == {"F": 2, "M": 2}
    assert "1 image has no PatientSex in their header and is not used: 4.dcm" in texts(dataset)
    assert dataset.labels == "tag:PatientSex"


def test_that_ages_become_years_and_numbers_of_elements_work(tmp_path: Path) -> None:
    for number in range(30):
        dicom(tmp_path / f"{number:02}.dcm", gradient(), patient=f"P{number}", PatientAge=f"{20 + number:03}Y")
    dicom(tmp_path / "99.dcm", gradient(), patient="P99", PatientAge="006M")
    dataset = read_dataset(tmp_path, "tag:0010,1010")
    assert dataset.label == "number"
    assert [sample.number for sample in dataset.samples][-1] == 0.5


def test_that_an_element_that_says_there_is_no_number_is_no_zero(tmp_path: Path) -> None:
    for number in range(30):
        dicom(tmp_path / f"{number:02}.dcm", gradient(), ProtocolName=str(40 + number) if number else "N/A")
    dataset = read_dataset(tmp_path, "tag:ProtocolName")
    assert (dataset.label, min(sample.number or 0.0 for sample in dataset.samples)) == ("number", 41)
    assert "1 image has no ProtocolName in their header and is not used: 00.dcm" in texts(dataset)


def test_that_an_unknown_element_is_refused(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", gradient())
    with pytest.raises(DataError, match="DICOM knows no element 'PatientShoe'"):
        read_dataset(tmp_path, "tag:PatientShoe")


# Neural Network Console


def test_that_an_index_of_neural_network_console_gives_classes_and_parts(tmp_path: Path) -> None:
    for part, count in (("training", 4), ("validation", 2)):
        pictures(tmp_path / part, count)
        rows = "".join(f"./{part}/img{number}.png,{number % 2}\n" for number in range(count))
        (tmp_path / f"some_{part}.csv").write_text("x:image,y:label\n" + rows)
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("class", ("0", "1"))
    assert [sample.part for sample in dataset.samples] == ["train"] * 4 + ["validation"] * 2


def test_that_vectors_of_an_index_are_several_labels_and_paths_are_masks(tmp_path: Path) -> None:
    pictures(tmp_path / "x", 2)
    (tmp_path / "index.csv").write_text("x:image,y__0:a,y__1:b\nx/img0.png,1,1\nx/img1.png,0,1\n")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, [sample.labels for sample in dataset.samples]) == (
        "labels",
        [("y__0:a", "y__1:b"), ("y__1:b",)],
    )
    pictures(tmp_path / "y", 2)
    (tmp_path / "index.csv").write_text("x:in,y:out\nx/img0.png,y/img0.png\nx/img1.png,y/img1.png\n")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, [sample.mask for sample in dataset.samples]) == ("mask", ["y/img0.png", "y/img1.png"])


def test_that_rows_of_an_index_without_an_image_and_two_answers_are_told(tmp_path: Path) -> None:
    pictures(tmp_path, 2)
    index = tmp_path / "index.csv"
    index.write_text("x:image,y:label\nimg0.png,0.5\ngone.png,1\n../img1.png,3\n")
    said = texts(read_dataset(tmp_path))
    assert "2 rows of index.csv name no image: gone.png, ../img1.png" in said
    assert "1 image has no row in index.csv and is not used: img1.png" in said
    index.write_text("x:image,y:label\nimg0.png,0\nimg0.png,1\n")
    with pytest.raises(DataError, match=r"two answers: img0\.png \(index\.csv line 2 and index\.csv line 3\)"):
        read_dataset(tmp_path)


# masks that lie elsewhere


def test_that_a_mask_of_another_spacing_is_told_with_both(tmp_path: Path) -> None:
    for number in range(2):
        place = {"position": (0.0, 0.0, float(number)), "instance": number + 1}
        dicom(tmp_path / "images" / f"{number}.dcm", gradient(), **place)
        spacing = (1.0, 1.0) if number else (2.0, 2.0)
        values = (gradient() > 20).astype(np.uint8)
        dicom(tmp_path / "masks" / f"{number}.dcm", values, spacing=spacing, series="1.2.3.2", **place)
    dataset = read_dataset(tmp_path)
    assert [sample.path for sample in dataset.samples] == ["images/1.dcm"]
    reason = next(item.reason for item in dataset.skipped if item.path == "images/0.dcm")
    assert reason == "has a spacing of 1, 1 mm and its mask masks/0.dcm 2, 2 mm"


# what is nearly right


@pytest.mark.parametrize(
    ("encoding", "words", "how"),
    [
        ("cp1251", ("опухоль", "норма"), "Windows-1251"),
        ("cp949", ("종양", "정상"), "Korean (CP949)"),
        ("gb18030", ("肿瘤", "正常"), "GB 18030"),
        ("cp1252", ("größe", "maß"), "Windows-1252"),
        ("cp1252", ("é", "è"), "Windows-1252"),
        ("cp1252", ("naïf-œuvre", "Äöü"), "Windows-1252"),
    ],
)
def test_that_text_of_another_script_is_no_western_nonsense(
    tmp_path: Path, encoding: str, words: tuple[str, str], how: str
) -> None:
    lines = ["path;label", *(f"img{number}.png;{words[number % 2]}" for number in range(6))]
    (pictures(tmp_path) / "labels.csv").write_bytes("\r\n".join(lines).encode(encoding))
    assert read_dataset(tmp_path).classes == tuple(sorted(words))
    assert preview(tmp_path / "labels.csv").how == f"{how}, separated by semicolon"


@pytest.mark.parametrize(
    ("cells", "numbers", "said"),
    [
        (["1.234,5", "2,5", "1e3", "-4,25"], [1234.5, 2.5, 1000, -4.25], ""),
        (["1,234.5", "2.5", "3", "4"], [1234.5, 2.5, 3, 4], ""),
        (["1,234", "2.5", "3", "4"], [1.234, 2.5, 3, 4], "mixes decimal points and commas: 1,234 is read as 1.234"),
        (["1.5", "2.5", "3.5", "abc"], None, "holds numbers, but also abc: it is taken for classes"),
    ],
)
def test_that_numbers_are_read_as_meant_or_the_doubt_is_told(
    tmp_path: Path, cells: list[str], numbers: list[float] | None, said: str
) -> None:
    rows = "".join(f"img{number}.png;{cell}\n" for number, cell in enumerate(cells))
    (pictures(tmp_path, 4) / "sizes.csv").write_text("path;size\n" + rows)
    dataset = read_dataset(tmp_path, "sizes.csv")
    assert dataset.label == ("class" if numbers is None else "number")
    assert numbers is None or [sample.number for sample in dataset.samples] == numbers
    assert said in texts(dataset)
    assert said or "Column" not in " ".join(dataset.warnings)


def test_that_class_folders_written_in_two_ways_and_empty_ones_are_told(tmp_path: Path) -> None:
    for name in ("Normal", "normal ", "Ill"):
        pictures(tmp_path / "train" / name, 2)
    (tmp_path / "train" / "Rare").mkdir()
    said = texts(read_dataset(tmp_path))
    assert "The classes “Normal” and “normal ” differ only in capitals, spaces or signs" in said
    assert "1 folder beside the classes holds no image: train/Rare." in said


# patients whose numbers cannot be trusted


def test_that_one_number_in_most_studies_is_told_with_what_to_do(tmp_path: Path) -> None:
    for number in range(6):
        whose = "ANON" if number < 4 else f"P{number}"
        dicom(tmp_path / f"{number}.dcm", gradient() + number, patient=whose, StudyInstanceUID=f"1.2.9.{number}")
    dataset = read_dataset(tmp_path)
    assert "One PatientID stands in 4 of 6 studies" in texts(dataset)
    assert "ANON" not in texts(dataset)
    for number in range(2):
        (tmp_path / f"{number}.dcm").unlink()
    assert "One PatientID" not in texts(read_dataset(tmp_path))


def test_that_numbers_that_share_a_study_are_one_patient(tmp_path: Path) -> None:
    whose = ("P1", "P2", "P2", "P3", "P4", "P5", "P6")
    studies = ("1", "1", "2", "2", "4", "5", "6")
    for number, (patient, study) in enumerate(zip(whose, studies, strict=True)):
        dicom(tmp_path / f"{number}.dcm", gradient() + number, patient=patient, StudyInstanceUID=f"1.2.9.{study}")
    dataset = read_dataset(tmp_path)
    assert [sample.group for sample in dataset.samples] == ["P1", "P1", "P1", "P1", "P4", "P5", "P6"]
    assert "2 studies have several PatientIDs (3 in all)" in texts(dataset)
    for number, path in enumerate(sorted(tmp_path.iterdir())):  # one study for all says nothing
        dicom(path, gradient() + number, patient=whose[number], StudyInstanceUID="1.2.9.1")
    assert len({sample.group for sample in read_dataset(tmp_path).samples}) == 6
