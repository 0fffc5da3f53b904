"""No program may leave a line in any log that means a defect."""

import re

BAD_LINE = re.compile(
    r"\[(alert|crit|emerg)\]"
    r"|(Address|Thread|Leak|UndefinedBehavior|Memory)Sanitizer"
    r"|runtime error:"
    r"|\"level\":\s*\"(critical|fatal)\""
    r"|terminate called|Segmentation fault|Assertion .* failed"
)


def bad_lines(directory, allowed=()):
    """Every line of every log in `directory` that means a defect; `allowed` are patterns a test expects."""
    patterns = [re.compile(pattern) for pattern in allowed]
    found = []
    for path in sorted(directory.iterdir()):
        if not path.is_file():
            continue
        for line in path.read_text(errors="replace").splitlines():
            if BAD_LINE.search(line) and not any(pattern.search(line) for pattern in patterns):
                found.append(f"{path.name}: {line}")
    return found


def assert_clean(directory, allowed=()):
    found = bad_lines(directory, allowed)
    assert not found, "lines that mean a defect:\n" + "\n".join(found[:20])
