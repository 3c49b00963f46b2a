"""How make exercises makes an exercise from its solution: as nbgrader does, without its marks."""

load_subconfig("nbgrader_config.py")  # noqa: F821 (traitlets puts both names here)
c = get_config()  # noqa: F821
c.NotebookExporter.preprocessors = [
    "nbconvert.preprocessors.TagRemovePreprocessor",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
]
