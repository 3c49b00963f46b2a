"""Helpers for the autoencoder course: everything that a lesson is not about, one call each.

``import ae_helpers`` is cheap: it does not import TensorFlow. The modules that need TensorFlow
import it themselves, quietly.
"""

__version__ = "1.0.0"
