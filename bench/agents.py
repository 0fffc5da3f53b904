"""User agents of desktops as they come: a few thousand, so that what a worker remembers of them is not all."""

SYSTEMS = (
    "Windows NT 10.0; Win64; x64",
    "Windows NT 10.0; WOW64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "X11; CrOS x86_64 14541.0.0",
)
CHROME = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.{build}.{patch} Safari/537.36"
FIREFOX = "Mozilla/5.0 ({system}; rv:{major}.0) Gecko/20100101 Firefox/{major}.0"


def desktop_agents():
    """The commonest first: the versions of the last years of Chrome, Edge and Opera, with their builds, and Firefox."""
    agents = [
        CHROME.format(system=system, major=major, build=6099 + 40 * (major - 120), patch=patch) + suffix
        for patch in (0, 71, 109, 129, 199, 216)
        for major in range(131, 99, -1)
        for suffix in ("", f" Edg/{major}.0.2210.{patch}", f" OPR/{major - 14}.0.0.{patch}")
        for system in SYSTEMS
    ]
    firefox = [FIREFOX.format(system=system, major=major) for major in range(133, 90, -1) for system in SYSTEMS[:4]]
    return agents + firefox
