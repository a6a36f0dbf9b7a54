"""Benchmarks: `python -m bench` (or `make bench`) prints our figures as ratios against the bare parts, measured in the same run."""
