"""``python -m tests.bench``: every benchmark, one after the other."""

import sys

from tests.bench import dialog_bench

sys.exit(dialog_bench.main())
