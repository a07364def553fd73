"""Measurements: ``make bench`` writes docs/performance.md; how_measured.md says how."""
