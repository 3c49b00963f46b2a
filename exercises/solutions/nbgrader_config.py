"""How nbgrader makes an exercise from its solution, and grades it: docs/teaching.md."""

from nbconvert.preprocessors import Preprocessor


class OneFolderUp(Preprocessor):
    """An exercise lies one folder above its solution, and so nearer to the lesson."""

    def preprocess_cell(self, cell, resources, index):
        """Shorten the links of a cell."""
        cell.source = cell.source.replace("](../../", "](../")
        return cell, resources


c = get_config()  # noqa: F821 (traitlets puts this name here)

# nbgrader's own steps, and before them what takes away the cells that explain an answer.
c.OneFolderUp.enabled = c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-note"}
c.GenerateAssignment.preprocessors = [
    "nbconvert.preprocessors.TagRemovePreprocessor",
    OneFolderUp,
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
]
c.ClearSolutions.code_stub = {
    "python": '# your code here\nraise NotImplementedError("write your answer in this cell")'
}
c.ExecutePreprocessor.timeout = 300  # seconds a cell
