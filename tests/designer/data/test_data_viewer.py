"""The viewer with real images: scrolled, windowed, measured, by mouse and by keyboard."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.data.pixel_server import PixelServer
from designer.data.slices import SliceRef
from designer.data.viewer import Shown, Viewer
from designer.data.windowing import CT_WINDOWS, Window, grey, overlay

LEFT, NONE, SHIFT, CTRL = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Key = Qt.Key
LONG = 60_000


@pytest.fixture
def viewer(qtbot):
    server = PixelServer()
    made = Viewer(server)
    qtbot.addWidget(made, before_close_func=lambda _widget: server.close_down())
    made.resize(640, 720)
    made.show()
    qtbot.waitExposed(made)
    made.view.setFocus()
    return made


@pytest.fixture
def gradient(tmp_path):
    """Five pictures of one grey each, 40 times their number."""
    refs = []
    for number in range(5):
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.full((20, 30), 40 * number, np.uint8)).save(path)
        refs.append(SliceRef(path, "image"))
    return tuple(refs)


def look(qtbot, viewer, shown):
    viewer.show_stack(shown)
    qtbot.waitUntil(lambda: viewer.slices.loaded == len(viewer.slices.refs) > 0, timeout=LONG)


def chest(real_data):
    files = sorted((real_data / "dicom_series" / "ct_chest_lidc0314").iterdir())
    return Shown(tuple(SliceRef(path, "dicom") for path in files), 3, ("Patient 1",))


def wheel(viewer, notches, modifier=NONE):
    middle = QPointF(viewer.view.rect().center())
    event = QWheelEvent(
        middle, viewer.view.mapToGlobal(middle), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, modifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewer.view, event)


def drag(viewer, start, end):
    QTest.mousePress(viewer.view, LEFT, NONE, start)
    QTest.mouseMove(viewer.view, (start + end) / 2)
    QTest.mouseMove(viewer.view, end)
    QTest.mouseRelease(viewer.view, LEFT, NONE, end)


def test_that_an_empty_viewer_says_what_to_do(viewer):
    assert "Choose a series" in viewer.view.message


def test_that_wheel_keys_and_slider_go_through_the_slices(qtbot, viewer, gradient):
    look(qtbot, viewer, Shown(gradient, 2))
    wheel(viewer, -1)
    assert viewer.slices.at == 3
    wheel(viewer, 1)
    assert viewer.slices.at == 2
    for key, place in ((Key.Key_Down, 3), (Key.Key_Up, 2), (Key.Key_End, 4), (Key.Key_Right, 4), (Key.Key_Home, 0)):
        QTest.keyClick(viewer.view, key)
        assert viewer.slices.at == place
    viewer.slider.setFocus()
    QTest.keyClick(viewer.slider, Key.Key_PageDown)
    assert viewer.slices.at == 4
    assert "Slice 5 of 5" in viewer.view.marks.right
    assert viewer.view.value_at(QPointF(3.5, 2.5)) == (160.0,)


def test_that_slices_come_nearest_first(qtbot, viewer, gradient):
    came = []
    viewer.slices.came.connect(came.append)
    look(qtbot, viewer, Shown(gradient, 3))
    assert came == [3, 4, 2, 1, 0]


def test_that_a_drag_changes_the_window_and_the_preset_says_by_hand(qtbot, viewer, real_data):
    look(qtbot, viewer, chest(real_data))
    before = viewer.view.window_
    assert viewer.tools.windows.currentText() == "From the file"
    drag(viewer, QPoint(200, 200), QPoint(260, 260))
    assert viewer.view.window_.width > before.width
    assert viewer.view.window_.centre > before.centre
    assert viewer.tools.windows.currentIndex() == -1
    assert "HU" in viewer.greys.text()


def test_that_presets_are_chosen_with_the_keyboard_and_are_right_for_ct(qtbot, viewer, real_data):
    look(qtbot, viewer, chest(real_data))
    names = [viewer.tools.windows.itemText(row) for row in range(viewer.tools.windows.count())]
    assert set(CT_WINDOWS) <= set(names)
    assert "Full range" in names
    viewer.tools.windows.setFocus()
    QTest.keyClicks(viewer.tools.windows, "Lung")
    QTest.keyClick(viewer.tools.windows, Key.Key_Return)
    viewer.tools.windows.activated.emit(viewer.tools.windows.currentIndex())
    assert viewer.view.window_ == Window(-600, 1500)


def test_that_shift_and_arrow_keys_change_the_window(qtbot, viewer, gradient):
    look(qtbot, viewer, Shown(gradient))
    before = viewer.view.window_
    QTest.keyClick(viewer.view, Key.Key_Right, SHIFT)
    assert viewer.view.window_.width > before.width
    QTest.keyClick(viewer.view, Key.Key_Up, SHIFT)
    assert viewer.view.window_.centre < before.centre
    assert viewer.slices.at == 0


def test_that_a_line_is_measured_in_millimetres_and_in_pixels_where_no_spacing_is_known(
    qtbot, viewer, real_data, gradient
):
    look(qtbot, viewer, chest(real_data))
    QTest.keyClick(viewer.view, Key.Key_M)
    assert viewer.tools.measure_button.isChecked()
    start, end = (viewer.view.frame.point(QPointF(*place)).toPoint() for place in ((100, 256), (356, 256)))
    drag(viewer, start, end)
    length, unit = viewer.view.marks.ruler[2].split()
    assert unit == "mm"
    assert float(length) == pytest.approx(256 * 0.78125, abs=2)
    look(qtbot, viewer, Shown(gradient))
    drag(viewer, QPoint(100, 300), QPoint(200, 300))
    assert viewer.view.marks.ruler[2].endswith("px")


def test_that_sides_of_the_patient_are_named_and_unknown_ones_are_not(qtbot, viewer, real_data, gradient):
    look(qtbot, viewer, chest(real_data))
    assert list(viewer.view.marks.letters) == ["R", "L", "A", "P"]
    look(qtbot, viewer, Shown(gradient))
    assert viewer.view.marks.letters is None
    assert "orientation unknown" in viewer.view.marks.right


def test_that_the_value_under_the_mouse_has_its_unit(qtbot, viewer, real_data):
    look(qtbot, viewer, chest(real_data))
    QTest.mouseMove(viewer.view, viewer.view.frame.point(QPointF(256.5, 256.5)).toPoint())
    assert viewer.under.text().endswith("HU")
    assert "row 257, column 257" in viewer.under.text()


def test_that_zoom_fit_and_pixel_for_pixel_work(qtbot, viewer, gradient):
    look(qtbot, viewer, Shown(gradient))
    fitted = viewer.view.frame.scale[0]
    wheel(viewer, 2, CTRL)
    assert viewer.view.frame.scale[0] > fitted
    QTest.keyClick(viewer.view, Key.Key_1)
    assert viewer.view.frame.scale[0] == pytest.approx(1 / viewer.devicePixelRatioF())
    QTest.mouseClick(viewer.tools.fit_button, LEFT)
    assert viewer.view.frame.scale[0] == pytest.approx(fitted)
    QTest.keyClick(viewer.view, Key.Key_P)
    before = viewer.view.frame.box().topLeft()
    drag(viewer, QPoint(200, 200), QPoint(230, 210))
    assert viewer.view.frame.box().topLeft() - before == QPointF(30, 10)


def test_that_a_volume_is_unfolded_in_each_plane_with_its_mask(qtbot, viewer, real_data):
    folder = real_data / "segmentation" / "hippocampus_msd"
    path = min((folder / "images").iterdir())
    ref = SliceRef(path, "volume", mask=folder / "labels" / path.name, mask_kind="volume")
    viewer.show_stack(Shown((ref,), 0, ("Patient 1",), ("background", "1", "2"), (0, 1, 2), whole=True))
    qtbot.waitUntil(lambda: len(viewer.slices.refs) > 1 and viewer.view.picture is not None, timeout=LONG)
    axial = len(viewer.slices.refs)
    assert viewer.slices.at == axial // 2
    assert viewer.tools.mask_box.isVisible()
    viewer.tools.planes.setFocus()
    QTest.keyClick(viewer.tools.planes, Key.Key_Down)
    viewer.tools.planes.activated.emit(viewer.tools.planes.currentIndex())
    qtbot.waitUntil(lambda: len(viewer.slices.refs) not in (1, axial), timeout=LONG)
    qtbot.waitUntil(lambda: viewer.view.picture is not None, timeout=LONG)
    assert list(viewer.view.marks.letters) == ["R", "L", "H", "F"]
    QTest.keyClick(viewer.view, Key.Key_O)
    assert not viewer.view.mask_shown


def test_that_a_file_that_cannot_be_read_says_so_in_the_place_of_the_picture(qtbot, viewer, tmp_path):
    (tmp_path / "bad.dcm").write_bytes(b"nothing")
    look(qtbot, viewer, Shown((SliceRef(tmp_path / "bad.dcm", "dicom"),)))
    assert "bad.dcm" in viewer.view.message


@pytest.mark.slow
def test_that_the_process_behind_is_replaced_when_it_is_lost(qtbot, viewer, gradient):
    look(qtbot, viewer, Shown(gradient[:1]))
    viewer.slices._server._process.kill()
    qtbot.waitUntil(lambda: viewer.slices._server._process is None, timeout=LONG)
    look(qtbot, viewer, Shown(gradient[1:]))
    assert not viewer.slices.picture(0).fault


def test_that_windows_and_masks_become_the_right_colours():
    values = np.array([[[0.0, 50.0, 100.0, np.nan]]], np.float32)
    shown = grey(values, Window(50, 100))
    assert [shown.pixelColor(x, 0).red() for x in range(4)] == [0, 127, 255, 0]
    turned = grey(values, Window(50, 100), inverted=True)
    assert turned.pixelColor(0, 0).red() == 255
    drawn = overlay(np.array([[0, 5, 9]], np.int32), (0, 5, 9), 1.0)
    assert drawn.pixelColor(0, 0).alpha() == 0
    assert drawn.pixelColor(1, 0).name() == "#ff5c40"
    assert drawn.pixelColor(2, 0).name() == "#40a0ff"


def test_that_a_signal_is_shown_as_curves_with_its_leads_and_without_tools_for_greys(qtbot, viewer, gradient, tmp_path):
    path = tmp_path / "ecg.csv"
    path.write_text("I,II\n" + "".join(f"{at % 7},{at % 5}\n" for at in range(60)), encoding="utf-8")
    look(qtbot, viewer, Shown((SliceRef(path, "signal", leads=("I", "II")),), title=("Patient 1",)))
    qtbot.waitUntil(lambda: viewer.view.picture is not None, timeout=LONG)
    assert viewer.view.picture.values.shape[0] == 1
    assert set(np.unique(viewer.view.picture.values)) == {16, 64, 255}
    assert viewer.view.marks.leads == ("I", "II")
    assert viewer.tools.isHidden()
    assert "orientation" not in viewer.view.accessibleDescription()
    look(qtbot, viewer, Shown(gradient))
    assert not viewer.tools.isHidden()
    assert viewer.view.marks.leads == ()
