"""What stands where nothing is measured yet: why, what to do, and the seal of the test part."""

from __future__ import annotations

from collections.abc import Sequence

from designer.evaluation.measured import Reading
from designer.evaluation.parts_bar import OTHER
from designer.parts import Empty, button, counted
from designer.run_choice import RunChoice


class Unmeasured(Empty):
    """An empty page with the step that comes next. The test part is opened here and nowhere else."""

    def __init__(self) -> None:
        self.open_button = button("", primary=True)
        self.keep_button = button("")
        self.folder_button = button("", primary=True)
        super().__init__("", "", (self.open_button, self.keep_button, self.folder_button))
        self.open_button.setText(self.tr("Open the test part"))
        self.keep_button.setText(self.tr("Leave it"))
        self.keep_button.setToolTip(self.tr("Back to what was measured before"))
        self.folder_button.setText(self.tr("Choose a folder …"))

    def say_measuring(self) -> None:
        """A child process measures now."""
        self._offer()
        self.say(self.tr("Measuring …"), self.tr("The results appear here when all cases are answered."))

    def say_reading(self) -> None:
        """The results of a cross-validation are read now."""
        self._offer()
        self.say(self.tr("Reading …"), self.tr("The results of all folds together appear here."))

    def say_no_run(self, runs: RunChoice) -> None:
        """There is no run that could be measured, or none is chosen."""
        self._offer()
        if runs.count():
            self.say(self.tr("No run is chosen"), runs.why_none)
        elif runs.reader.reading:
            self.say(self.tr("Reading the runs …"), runs.why_none)
        else:
            self.say(self.tr("No trained run yet"), self.tr(
                "Train the project first (F5). Its best epoch is measured here when the training has ended."
            ))  # fmt: skip

    def say_part(self, part: str, known: Reading, again: Sequence[str] | None) -> None:
        """This part was not measured; or the test part was and is to be measured `again`, for groups by columns."""
        if part == "test":
            self._say_sealed(known, again)
        elif part == OTHER:
            self._offer(folder=True)
            self.say(self.tr("Not measured on another folder yet"), self.tr(
                "An external test tells how the network does elsewhere: choose a folder of labelled cases of another "
                "hospital or scanner, laid out and named as the run's own."))  # fmt: skip
        else:
            self._offer()
            of = self.tr("the cases that it learned from") if part == "train" else self.tr(
                "cases that it has not learned from")  # fmt: skip
            self.say(self.tr("Not measured yet"), self.tr(
                "Press Evaluate: the best epoch of the run answers for %s.") % of)  # fmt: skip

    def _say_sealed(self, known: Reading, again: Sequence[str] | None) -> None:
        tests, opened = known.counts.get("test"), known.opened
        if tests == 0:
            self._offer()
            self.say(self.tr("This run has no test part"), self.tr(
                "All its cases train or validate. Keep some for a test under Split in Data, or measure the run on "
                "another folder."))  # fmt: skip
            return
        self._offer(opening=True, keeping=again is not None)
        often = self.tr("It was not opened before.") if not opened else self.tr("It was opened %s before.") % (
            self.tr("once") if opened == 1 else self.tr("%s times") % opened)  # fmt: skip
        cases = f": {counted(tests, self.tr('case'))}" if tests else ""
        if again:
            often += self.tr(" For the groups by %s it is measured once more, and counted.") % ", ".join(again)
        elif known.groups and again is None:
            often += self.tr(" The groups by %s are measured with it.") % ", ".join(known.groups)
        if not known.validated:
            often += self.tr(" Evaluate the validation part first: it has not been measured yet, and what it shows may "
                             "still change your choices.")  # fmt: skip
        self.say(self.tr("The test part is sealed") + cases, self.tr(
            "Open it when every choice is made: network, settings and threshold. Whoever looks and then changes "
            "something has no test cases any more, so every opening is counted and reported with the results.\n\n%s"
        ) % often)  # fmt: skip

    def _offer(self, opening: bool = False, keeping: bool = False, folder: bool = False) -> None:
        for made, wanted in ((self.open_button, opening), (self.keep_button, keeping), (self.folder_button, folder)):
            made.setVisible(wanted)
