"""``python -m tests.bench``: every benchmark, one after the other."""

import sys

from tests.bench import campaign_bench, clock_bench, dialog_bench, directory_bench

sys.exit(max(directory_bench.main(), clock_bench.main(), campaign_bench.main(), dialog_bench.main()))
