"""Where learners fetch and submit, and under which name: each server of the hub reads this."""

import os

c = get_config()  # noqa: F821 (traitlets puts this name here)

c.CourseDirectory.course_id = "autoencoders"
c.Exchange.root = os.environ["EXCHANGE"]
c.CourseDirectory.student_id = os.environ.get("JUPYTERHUB_USER", "*")
