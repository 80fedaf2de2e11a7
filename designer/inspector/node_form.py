"""The form of one node, derived from its type's declared settings; every edit is a step of undo."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.canvas.naming import rename, why_not
from designer.canvas.node_item import first_sentences
from designer.data.use import asks_otherwise
from designer.icons import type_pixmap
from designer.inspector.augment_preview import AugmentPreview
from designer.inspector.computed_field import computed_field
from designer.inspector.fields import Field, LineField, field_for, spelled_value
from designer.inspector.fold import Fold
from designer.inspector.hints import hint
from designer.inspector.part_field import PartField
from designer.inspector.rows import Rows, label, line
from designer.inspector.use_part import UsePart
from designer.project import Project
from nodes.blocks import Argument, BlockUse
from nodes.settings import Form, Setting
from nodes.spec import NodeType, Target, Value, spelled
from runtime.amounts import memory, short, thousands
from runtime.analysis import Analysis, Facts
from runtime.case_noun import case_noun
from runtime.expressions import is_expression
from runtime.graph import Node
from runtime.memory import BYTES
from runtime.optimized import names_of_parts

_NAME_HELP = "What this node is called, here and in the exported code."
_NAME = Setting(name="", form=Form.TEXT, default="", label="Name", help=_NAME_HELP)
_TILE = 22


class NodeForm(QWidget):
    """Title, explanation, name, settings and facts of a node."""

    folder_chosen = Signal(str, str)  # node id, folder
    read_again = Signal(str)  # node id: the folder is to be read in the form that is asked for now
    open_asked = Signal(str)  # node id: show what is in this block

    def __init__(
        self, project: Project, node_id: str, parent: QWidget | None = None, *, unfolded: bool = False
    ) -> None:
        super().__init__(parent)
        self._project = project
        self.node_id = node_id
        self._document = project.document
        node = project.document.nodes[node_id]
        self.kind: type[NodeType] | None = project.document.find(node.type)
        self.rows = Rows()
        self.fold: Fold | None = None  # over the settings that are rarely needed
        self._shown: Mapping[str, object] = {}  # the settings when they were last shown
        self._facts: Rows | None = None
        self._title = label("", "title")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self._add_head(node)
        self._add_fields()
        if self.fold is not None:
            self.fold.setChecked(unfolded)
        self.again = QPushButton(self.tr("Read the folder again"))
        self.again.setToolTip(self.tr("The folder was read in another form than the settings ask for now"))
        self.again.clicked.connect(lambda: self.read_again.emit(node_id))
        self._column.addWidget(self.again)
        self._column.addWidget(self.rows)
        if self.kind is not None and issubclass(self.kind, BlockUse):
            self.use = UsePart(project, node_id)
            self.use.open.clicked.connect(lambda: self.open_asked.emit(node_id))
            self._column.addWidget(self.use)
        if self.kind is not None and self.kind.training_only:
            self._column.addWidget(AugmentPreview(project, node_id))
        self._column.addWidget(line())
        self.show_node(node)
        self.show_analysis(project.seen)

    def show_node(self, node: Node) -> None:
        """Show the settings as they are; what is half typed stays."""
        self.rows.fields[""].show_value(node.name)
        for setting in self.kind.settings() if self.kind is not None else ():
            if setting.name in self.rows.fields:
                field = self.rows.fields[setting.name]
                value = node.settings.get(setting.name, setting.default)
                field.show_value(value)
                known = (setting.default, self._shown.get(setting.name, setting.default))
                if setting.folded and self.fold is not None and value not in known:
                    self.fold.setChecked(True)  # what is not as usual is seen
                if isinstance(field, LineField) and (text := hint(self.kind, setting.name, node.settings)):
                    field.line.setPlaceholderText(text)
        self._shown = node.settings

    def show_analysis(self, analysis: Analysis) -> None:
        """Show what is wrong with single settings, and what follows from all of them."""
        wrong = {problem.field: problem.message for problem in analysis.problems if problem.node == self.node_id}
        for name, field in self.rows.fields.items():
            if isinstance(field, PartField):
                field.follow()
            self.rows.complain(name, self.rows.fields[name].fault or (wrong.get(name, "") if name else ""))
        self._show_computed(analysis)
        self.again.setVisible(any(map(wrong.get, ("take", "patch"))) and asks_otherwise(self._document, self.node_id))
        fresh = self._fact_rows(analysis)
        if self._facts is not None:
            self._column.replaceWidget(self._facts, fresh)
            self._facts.deleteLater()
        else:
            self._column.addWidget(fresh)
        self._facts = fresh

    def _add_head(self, node: Node) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        picture = QLabel()
        picture.setPixmap(type_pixmap(self.kind, _TILE, self.devicePixelRatioF()))
        picture.setFixedSize(QSize(_TILE, _TILE))
        self._title.setText(self.kind.title if self.kind is not None else node.type)
        head.addWidget(picture)
        head.addWidget(self._title, 1)
        self._column.addLayout(head)
        unknown = self.tr("This version does not know this type; its settings are kept.")
        text = first_sentences(self.kind) if self.kind is not None else unknown
        explanation = label(text, "muted", wraps=True)
        if self.kind is not None:
            explanation.setToolTip(self.kind.says())
        self._column.addWidget(explanation)

    def _add_fields(self) -> None:
        name = LineField(_NAME)
        name.edited.connect(lambda value: self._rename(str(value)))
        self.rows.add_field(name)
        for setting in self.kind.settings() if self.kind is not None else ():
            if setting.learned:
                continue
            field = self._field(setting)
            field.edited.connect(lambda value, which=setting: self._edit(which, value))
            field.refused.connect(lambda reason, which=setting.name: self.rows.complain(which, reason))
            self.rows.add_field(field, self._folded() if setting.folded else None)

    def _field(self, setting: Setting) -> Field:
        if setting.form is Form.PART:
            return PartField(setting, lambda: names_of_parts(self._document.graph()))
        return computed_field(field_for(setting), setting, self._arguments())

    def _folded(self) -> Fold:
        """The head of the part with settings that are rarely needed; made with the first of them."""
        if self.fold is None:
            self.fold = Fold(self.tr("How it learns"), self.tr("Freeze this node, or have it learn at its own pace"))
            self.rows.add_fold(self.fold)
        return self.fold

    def _arguments(self) -> tuple[str, ...]:
        """The names that expressions may use here."""
        nodes = self._document.on(self._document.nodes[self.node_id].sheet).values()
        return tuple(node.name for node in nodes if node.type == Argument.id)

    def _show_computed(self, analysis: Analysis) -> None:
        """Beside each expression its value, as far as it is known on this sheet."""
        facts, wrong = analysis.facts.get(self.node_id), self.rows.complaints
        node = self._document.nodes.get(self.node_id)
        for name, field in self.rows.fields.items():
            raw = node.settings.get(name) if node is not None and name else None
            known = facts is not None and facts.type is not None and analysis.path is not None and name not in wrong
            value = getattr(facts.type, name, None) if known and facts is not None and is_expression(raw) else None
            field.show_computed("" if value is None else f"= {spelled_value(value)}")

    def _rename(self, name: str) -> None:
        document = self._project.document
        if document is not self._document or self.node_id not in document.nodes:
            return
        name = name.strip()
        reason = why_not(document, self.node_id, name)
        self.rows.complain("", reason)
        if not reason:
            rename(document, self.node_id, name, merge=f"rename {self.node_id}")

    def _edit(self, setting: Setting, value: object) -> None:
        document = self._project.document
        if document is not self._document or self.node_id not in document.nodes:
            return  # a field tells on leaving it, also when its node has gone
        name = document.nodes[self.node_id].name
        text = self.tr("Change {0} of {1}").format(setting.label, name)
        with document.edit(text, merge=f"{self.node_id} {setting.name}"):
            if value == "" and setting.default != "" and setting.form is not Form.TEXT:
                document.reset(self.node_id, setting.name)
            else:
                document.change(self.node_id, **{setting.name: value})  # type: ignore[arg-type]
        if setting.name == "folder" and isinstance(value, str):
            self.folder_chosen.emit(self.node_id, value)

    def _fact_rows(self, analysis: Analysis) -> Rows:
        rows = Rows()
        facts = analysis.facts.get(self.node_id)
        if facts is None:
            return rows
        for port, value in facts.inputs.items():
            rows.add_fact(
                self.tr("Input {0}").format(self._port_title(port)), "\n".join(_spelled(one) for one in _several(value))
            )
        for port, flow in facts.outputs.items():
            many = len(facts.outputs) > 1
            rows.add_fact(
                self.tr("Output {0}").format(self._port_title(port)) if many else self.tr("Output"),
                _spelled(flow.value),
            )
        if facts.type is not None and (facts.parameters or facts.inputs):
            tip = self.tr("How many trained numbers the node has.")
            rows.add_fact(self.tr("Parameters"), thousands(facts.parameters), tip)
        self._add_efforts(rows, facts, case_noun(analysis))
        meaning = analysis.meanings.get(self.node_id)
        if meaning is not None:
            rows.add_fact(self.tr("Gives"), meaning.activation, self.tr("How raw scores become the answer."))
        for setting in self.kind.settings() if self.kind is not None else ():
            value = analysis.graph.nodes[self.node_id].settings.get(setting.name, setting.default)
            if setting.learned and value not in ("", (), [], 0) and setting.name != "fingerprint":
                rows.add_fact(setting.label, learned_value(value, counts=setting.name == "counts"), setting.help)
        return rows

    def _port_title(self, name: str) -> str:
        """What people call a port."""
        ports = (*self.kind.inputs, *self.kind.outputs) if self.kind is not None else ()
        return next((port.title for port in ports if port.name == name), name)

    def _add_efforts(self, rows: Rows, facts: Facts, one: str) -> None:
        if facts.multiply_adds:
            tip = self.tr("How many products are summed for one {1}: {0}.").format(thousands(facts.multiply_adds), one)
            rows.add_fact(self.tr("Multiply-adds"), short(facts.multiply_adds), tip)
        if facts.values:
            tip = self.tr("What the output takes for one {1}, at {0} bytes a number.").format(BYTES, one)
            rows.add_fact(self.tr("Memory per {0}").format(one), memory(facts.values * BYTES), tip)


def learned_value(value: object, *, counts: bool = False) -> str:
    """A learned setting in short: a long list is cut and says so; `counts` are single numbers, not a size."""
    if isinstance(value, list | tuple) and value and isinstance(value[0], str):
        return ", ".join(map(str, value[:8])) + (f" … ({len(value)})" if len(value) > 8 else "")
    if isinstance(value, list | tuple) and (len(value) > 3 or counts):
        return ", ".join(map(str, value[:8])) + (f" … ({len(value)})" if len(value) > 8 else "")
    return thousands(value) if isinstance(value, int) and not isinstance(value, bool) else spelled_value(value)


def _several(value: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    if isinstance(value, tuple) and value and not isinstance(value[0], int):
        return tuple(one for one in value if not isinstance(one, int))
    return (value,)  # type: ignore[return-value]


def _spelled(value: Value) -> str:
    if isinstance(value, Target):
        inside = f" ({len(value.classes)})" if value.classes else ""
        return f"{value.label}{inside}" + (f" {spelled(value.shape)}" if value.shape else "")
    return spelled(value).replace("×", " × ")
