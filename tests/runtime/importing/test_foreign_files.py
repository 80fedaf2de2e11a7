"""Files of other programs are read with distrust: one sentence for each that cannot be opened, and no traceback."""

import io
import zipfile

import pytest

from runtime.analysis import analyse
from runtime.importing.foreign import is_foreign, read_foreign
from runtime.importing.imported import ImportRefused
from runtime.importing.prototext import parsed

PROJECT = """[Network_Global]
NumLayer=2
NumLink=1
[Layer_0]
ID=0
Type=Input
Position_0=24
Position_1=24
Property_0_Name=Name
Property_0_Value=Input
Property_1_Name=Size
Property_1_Value=1,28,28
NumProperty=2
[Layer_1]
ID=1
Type=FFT
Position_0=24
Position_1=72
Property_0_Name=Name
Property_0_Value=Spectrum
Property_1_Name=SignalNDim
Property_1_Value=2
NumProperty=2
[Link_0]
SourceLayerID=0
DestLayerID=1
"""


def package(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "."), content)
    return held.getvalue()


NETWORK = b'network { name: "n" }\n'
REFUSED = {
    "empty.sdcproj": (b"  \n", "empty"),
    "no_network.sdcproj": (b"[Engine]\nA=1\n", "no network"),
    "latin.sdcproj": (b"[Network_Global]\nNumLayer=1\n\xe9\n", "UTF-8"),
    "cut_off.sdcproj": (b"[Network_Global]\nNumLayer=3\n", "missing"),
    "no_end.sdcproj": (PROJECT.replace("DestLayerID=1", "DestLayerID=7").encode(), "leads to no layer"),
    "deep.nntxt": (b"network {" + b"a {" * 100 + b"}" * 101, "nested"),
    "open.nntxt": (b'network { name: "n"\n', "cut off"),
    "line.nntxt": (b"network {\n  name ^\n}\n", "line 2"),
    "no_function.prototxt": (b'net: "nowhere.prototxt"\n', "nowhere.prototxt"),
    "picture.nnp": (b"\x89PNG\r\n\x1a\n", "none of the files"),
    "no_network.nnp": (package(readme__txt=b"nothing"), "without a network"),
    "damaged.nnp": (package(net__nntxt=NETWORK)[:60], "damaged"),
    "weights.nnp": (package(net__nntxt=NETWORK, p__protobuf=b"\xc2\x0c\xff\xff\xff\xff\x0f"), "damaged"),
    "no_hdf5.nnp": (package(net__nntxt=NETWORK, p__h5=b"none"), "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_that_what_cannot_be_opened_is_refused_in_one_sentence(tmp_path, name):
    content, word = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=word) as refused:
        read_foreign(path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_that_a_packed_file_that_is_too_large_unpacked_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("runtime.importing.nnabla.files.MOST_BYTES", 1000)
    path = tmp_path / "bomb.nnp"
    path.write_bytes(package(net__nntxt=NETWORK + b" " * 100_000))
    with pytest.raises(ImportRefused, match="larger than"):
        read_foreign(path)


def test_that_units_which_hold_themselves_are_refused(tmp_path):
    unit = PROJECT.replace("Type=FFT", "Type=Unit").replace("Property_1_Name=SignalNDim", "Property_1_Name=Network")
    path = tmp_path / "ring.sdcproj"
    path.write_text(unit.replace("Property_1_Value=2", "Property_1_Value=Main"), encoding="utf-8")
    with pytest.raises(ImportRefused, match="deep"):
        read_foreign(path)


def test_that_a_layer_without_counterpart_becomes_a_placeholder_with_its_settings(tmp_path):
    path = tmp_path / "spectrum.sdcproj"
    path.write_text(PROJECT, encoding="utf-8")
    found = read_foreign(path)
    (placeholder,) = [node for node in found.graph.nodes.values() if node.type == "placeholder"]
    assert placeholder.name == "Spectrum"
    assert placeholder.settings["original"] == "FFT"
    assert "SignalNDim=2" in str(placeholder.settings["kept"])
    (left,) = [one for one in found.left if one.node]
    assert left.node == placeholder.id
    assert [one.code for one in analyse(found.graph).errors if one.node == placeholder.id] == ["placeholder"]


def test_that_the_content_tells_the_kind_and_not_the_name(tmp_path):
    path = tmp_path / "spectrum.txt"
    path.write_text(PROJECT, encoding="utf-8")
    assert read_foreign(path).source == "Neural Network Console project"
    assert not is_foreign(path)
    assert is_foreign(tmp_path / "A.NNP")


def test_that_the_text_form_of_protocol_buffers_is_read_whole():
    message = parsed('a: 1 # no\nb { c: "x" "y" d: [1, -2.5e1, true] } b < c: \'z\' >\ne: NAME', "file")
    assert message.number("a") == 1
    assert [one.text("c") for one in message.all("b")] == ["xy", "z"]
    assert message.one("b").values == {"c": ["z"]}
    assert message.all("b")[0].texts("d") == ["1", "-25", "True"]
    assert message.text("e") == "NAME"
