"""What a page of metrics says."""


def counter(text, name):
    """Sum of all samples of one metric."""
    lines = [line for line in text.splitlines() if line.startswith((name + " ", name + "{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
