"""What must happen before Rasa is imported; imported first, for its effects.

Telemetry off and TensorFlow silent. skops before TensorFlow, because after it its scan of all modules takes ten
seconds. Sanic switches deprecation warnings on when it is imported, and what Rasa pins is full of them.
"""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sanic  # noqa: F401
import skops.io  # noqa: F401

warnings.simplefilter("ignore")
