"""Two days of five hundred sources in some minutes: `python -m tests.bench.two_days` (it says what its options are)."""
