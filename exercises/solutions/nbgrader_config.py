"""How nbgrader makes an exercise from its solution, and grades it: docs/teaching.md."""

c = get_config()  # noqa: F821 (traitlets puts this name here)

# nbgrader's own steps, and before them one that takes away the cells that explain an answer.
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-note"}
c.GenerateAssignment.preprocessors = [
    "nbconvert.preprocessors.TagRemovePreprocessor",
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
