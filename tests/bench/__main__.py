"""``python -m tests.bench``: every benchmark, one after the other."""

import sys

from tests.bench import dialog_bench, directory_bench

sys.exit(max(directory_bench.main(), dialog_bench.main()))
