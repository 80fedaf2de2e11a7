"""How the project is trained: shown while nothing is selected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.inspector.batch_field import BatchField
from designer.inspector.device_field import DeviceField
from designer.inspector.fields import ChoiceField, Field, field_for, parsed
from designer.inspector.rows import Rows, label
from designer.project import Project
from designer.weights.field import WeightsField
from designer.weights.settings import weight_settings
from nodes.roles import Metric
from nodes.settings import Form, Setting, WrongValue
from runtime.analysis import Analysis
from runtime.graph import Training
from runtime.training_values import COMPILED, MOST_EMA, PRECISIONS, SAMPLINGS, SPLITS, shares_of


def training_settings() -> tuple[Setting, ...]:
    """The project's training settings as the inspector shows them."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Training", text)

    start = Training()
    return (
        Setting(name="epochs", form=Form.INTEGER, default=start.epochs, low=1, label=tr("Epochs"),
                help=tr("How often the training goes through all images.")),
        Setting(name="batch", form=Form.INTEGER, default=start.batch, low=1, label=tr("Batch size"), unit=tr("images"),
                help=tr("How many images are looked at before the network is changed. More need more memory.")),
        Setting(name="seed", form=Form.INTEGER, default=start.seed, low=0, label=tr("Seed"),
                help=tr("The number that all chance begins with: the same seed gives the same training again.")),
        Setting(name="device", form=Form.TEXT, default=start.device, label=tr("Devices"),
                help=tr("Where the computing is done. Automatic takes a graphics card if there is one. Several that "
                        "are ticked share the training: each takes a batch of its own at every step.")),
        *_split_settings(tr, start),
        Setting(name="patience", form=Form.INTEGER, default=start.patience, low=0, label=tr("Patience"),
                unit=tr("epochs"), help=tr("Stop after so many epochs without improvement; 0 trains to the end.")),
        Setting(name="minutes", form=Form.NUMBER, default=start.minutes, low=0, high=1e7, label=tr("Time limit"),
                unit=tr("minutes"),
                help=tr("Begin no epoch that would probably end later than this after the start; the first is always "
                        "trained. 0 for no limit.")),
        *_step_settings(tr, start),
        *weight_settings(start),
    )  # fmt: skip


def _step_settings(tr: Callable[[str], str], start: Training) -> tuple[Setting, ...]:
    """How a step is made."""
    return (
        Setting(name="accumulate", form=Form.INTEGER, default=start.accumulate, low=1, label=tr("Accumulate"),
                unit=tr("batches"),
                help=tr("Add up the gradients of so many batches before the network is changed: as one batch so many "
                        "times as large, in the memory of one. Batch normalisation still sees each batch alone.")),
        Setting(name="clip", form=Form.NUMBER, default=start.clip, low=0, high=1e9, label=tr("Clip gradients at"),
                help=tr("Shorten all gradients of an optimizer together to this length (norm) where they are longer, "
                        "against jumps; 1 is usual. 0 leaves them as they are.")),
        Setting(name="ema", form=Form.NUMBER, default=start.ema, low=0, high=MOST_EMA, label=tr("Weight average (EMA)"),
                help=tr("Measure and keep a running mean of the trained numbers (EMA) that keeps this share of itself "
                        "at each step, such as 0.999: often steadier and a little better. 0 keeps the numbers "
                        "themselves.")),
        Setting(name="sampling", form=Form.CHOICE, default=start.sampling, choices=SAMPLINGS, label=tr("Sampling"),
                help=tr("What the training sees in an epoch: all cases once, or as many cases with each class equally "
                        "often. Balanced, cases of rare classes come several times, and those of common ones take "
                        "turns. Validation and test stay as they are.")),
        Setting(name="precision", form=Form.CHOICE, default=start.precision, choices=PRECISIONS, label=tr("Precision"),
                help=tr("The numbers that layers compute with. 16 bits are faster on many graphics cards and need less "
                        "memory; automatic takes them for large networks there, and 32 bits elsewhere.")),
        Setting(name="compile", form=Form.CHOICE, default=start.compile, choices=COMPILED, label=tr("Compile"),
                help=tr("Let PyTorch write program code for this network, which takes a minute or more at the start "
                        "and may make steps faster. Where that fails, training goes on without.")),
    )  # fmt: skip


def _split_settings(tr: Callable[[str], str], start: Training) -> tuple[Setting, ...]:
    """How the cases are shared out."""
    return (
        Setting(name="split", form=Form.CHOICE, default=start.split, choices=SPLITS, label=tr("Split by"),
                help=tr("What is kept together when images are shared out to training, validation and test. By image "
                        "or study, the same patient may be trained with and tested: the results look better than they "
                        "are.")),
        Setting(name="split_column", form=Form.TEXT, default=start.split_column, label=tr("Column"),
                help=tr("For a split by column: a column of the label table such as site, or a DICOM keyword such as "
                        "StationName. All images with the same value stay in one part.")),
        Setting(name="held_out", form=Form.TEXT, default=start.held_out, label=tr("Hold out"),
                help=tr("For a split by column: the value whose images are the test part, such as one site. Empty "
                        "shares all values out.")),
        Setting(name="parts", form=Form.NUMBERS, default=start.parts, low=0, label=tr("Shares"),
                help=tr("Shares of training, validation and test, such as 0.7, 0.15, 0.15 or 70, 15, 15.")),
        Setting(name="folds", form=Form.INTEGER, default=start.folds, low=0, label=tr("Folds"),
                help=tr("Divide into so many folds instead of shares: one tests, the next validates, the others train. "
                        "0 for none.")),
        Setting(name="fold", form=Form.INTEGER, default=start.fold, low=1, label=tr("Fold"),
                help=tr("Which fold is the test part. Train once with each to test every case.")),
    )  # fmt: skip


_WORDS: Mapping[str, str] = {
    "auto": "automatic", "patient": "patient", "study": "study (patients may leak)", "column": "column, such as site",
    "image": "image (patients may leak)", "on": "on", "off": "off", "float32": "32 bits (float32)",
    "bfloat16": "16 bits (bfloat16)", "float16": "16 bits (float16)", "all": "all cases once",
    "balanced": "balanced classes", "names": "names", "order": "order of shapes (a guess)",
}  # fmt: skip


class TrainingForm(QWidget):
    """Epochs, batch size and what else belongs to no single node."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.rows = Rows()
        self._watch: Field | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(self.tr("Training"), "title"))
        text = self.tr("How the whole project is trained. Select a node to see its settings.")
        column.addWidget(label(text, "muted", wraps=True))
        for setting in (*training_settings(), self._watch_setting(project.analysis)):
            self._add(setting, project.analysis)
        column.addWidget(self.rows)
        self.show_training(project.document.training)
        project.batch_search.changed.connect(self._say_search)
        self._say_search()

    def show_training(self, training: Training) -> None:
        """Show the settings as they are; what is wrongly typed stays until it is mended."""
        for name, field in self.rows.fields.items():
            field.show_value(getattr(training, name))
            self.rows.complain(name, "")
            if isinstance(field, DeviceField):
                field.show_choice(training)
        loads = bool(training.weights_from)
        by_column, folded = training.split == "column", training.folds > 1
        for name, applies in (("split_column", by_column), ("held_out", by_column), ("parts", not folded),
                              ("fold", folded), ("weights_by", loads), ("loaded_rate", loads),
                              ("loaded_frozen", loads)):  # fmt: skip
            self.rows.offer(name, applies)

    def metrics(self) -> tuple[str, ...]:
        """What the best epoch can be told by."""
        field = self.rows.fields["watch"]
        return field.setting.choices

    def _add(self, setting: Setting, analysis: Analysis) -> None:
        field = self._field(setting, analysis)
        field.edited.connect(lambda value: self._edit(setting, value))
        field.refused.connect(lambda reason: self.rows.complain(setting.name, reason))
        self.rows.add_field(field)

    def _field(self, setting: Setting, analysis: Analysis) -> Field:
        if setting.name == "device":
            field = DeviceField(setting, self._project.devices)
            field.chosen.connect(self._choose_devices)
            return field
        if setting.name == "weights_from":
            return WeightsField(setting, self._project)
        if setting.name == "batch":
            return BatchField(setting, self._project.batch_search)
        names = {**_WORDS, "": self.tr("validation loss"), **_metric_names(analysis)}
        return ChoiceField(setting, names=names) if setting.form is Form.CHOICE else field_for(setting)

    def _choose_devices(self, device: str, processes: int) -> None:
        document = self._project.document
        with document.edit(self.tr("Change devices"), merge="training device"):
            document.train_with(replace(document.training, device=device, processes=processes))

    def _say_search(self) -> None:
        search = self._project.batch_search
        self.rows.note("batch", search.words, wrong=search.fault)

    def _watch_setting(self, analysis: Analysis) -> Setting:
        choices = ("", *_metric_names(analysis))
        current = self._project.document.training.watch
        if current not in choices:
            choices = (*choices, current)
        text = self.tr("What tells the best epoch, whose weights are kept: loss or metric, on the validation part.")
        title = self.tr("Best epoch by")
        return Setting(name="watch", form=Form.CHOICE, default="", choices=choices, label=title, help=text)

    def _edit(self, setting: Setting, value: object) -> None:
        try:
            read: Any = setting.read(value)
            read = shares_of(read) if setting.name == "parts" else read
        except (WrongValue, ValueError) as error:
            self.rows.complain(setting.name, str(error))
            return
        self.rows.complain(setting.name, "")
        document = self._project.document
        text = self.tr("Change {0}").format(setting.label)
        with document.edit(text, merge=f"training {setting.name}"):
            document.train_with(replace(document.training, **{setting.name: read}))


def watched_choices(analysis: Analysis) -> tuple[str, ...]:
    """The metrics of the graph, by node id."""
    return tuple(_metric_names(analysis))


def _metric_names(analysis: Analysis) -> dict[str, str]:
    return {node_id: analysis.graph.nodes[node_id].name for node_id in analysis.of_type(Metric)}


__all__ = ["TrainingForm", "parsed", "training_settings", "watched_choices"]
