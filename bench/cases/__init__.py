"""The benchmarks, one file each; run(options) prints a table and returns the cases."""
