#!/usr/bin/env python3
"""Writes the small .mmdb files that tests use, core/geo/fixtures/*.mmdb, over the networks reserved for documentation.

t/tools/make_geo_fixtures.py [DIRECTORY]
"""

import ipaddress
import pathlib
import struct
import sys

SEPARATOR = bytes(16)
MARKER = b"\xab\xcd\xefMaxMind.com"
BUILT = 1767225600  # 2026-01-01


class Uint16(int):
    """An integer that the format wants in 16 bits."""


class Uint64(int):
    """An integer that the format wants in 64 bits."""


class Data:
    """The data section. Text that comes again is pointed to, as in real files."""

    def __init__(self, pointers: bool = True) -> None:
        self.bytes = bytearray()
        self.known = {}
        self.pointers = pointers

    def head(self, kind: int, size: int) -> None:
        first, extended = (kind << 5, b"") if kind <= 7 else (0, bytes([kind - 7]))
        if size < 29:
            self.bytes += bytes([first | size]) + extended
        elif size < 285:
            self.bytes += bytes([first | 29]) + extended + bytes([size - 29])
        else:
            self.bytes += bytes([first | 30]) + extended + struct.pack(">H", size - 285)

    def put(self, value: object) -> int:
        start = len(self.bytes)
        if isinstance(value, str):
            self.text(value)
        elif isinstance(value, bool):
            self.head(14, int(value))
        elif isinstance(value, int):
            raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
            self.head({Uint16: 5, Uint64: 9}.get(type(value), 6), len(raw))
            self.bytes += raw
        elif isinstance(value, float):
            self.head(3, 8)
            self.bytes += struct.pack(">d", value)
        elif isinstance(value, list):
            self.head(11, len(value))
            for item in value:
                self.put(item)
        elif isinstance(value, dict):
            self.head(7, len(value))
            for key, item in value.items():
                self.put(key)
                self.put(item)
        return start

    def text(self, value: str) -> None:
        known = self.known.get(value)
        if known is not None and self.pointers:
            if known < 2048:
                self.bytes += bytes([1 << 5 | known >> 8, known & 255])
            else:
                self.bytes += bytes([1 << 5 | 1 << 3]) + struct.pack(">H", known - 2048)
            return
        self.known[value] = len(self.bytes)
        raw = value.encode()
        self.head(2, len(raw))
        self.bytes += raw


class Tree:
    def __init__(self, ip_version: int) -> None:
        self.ip_version = ip_version
        self.nodes = [[None, None]]

    def bits(self, network: str) -> list[int]:
        parsed = ipaddress.ip_network(network)
        number, length, width = int(parsed.network_address), parsed.prefixlen, parsed.max_prefixlen
        prefix = [0] * 96 if self.ip_version == 6 and parsed.version == 4 else []
        return prefix + [number >> (width - 1 - i) & 1 for i in range(length)]

    def insert(self, network: str, offset: int) -> None:
        bits = self.bits(network)
        node = 0
        for bit in bits[:-1]:
            if not isinstance(self.nodes[node][bit], int):
                self.nodes.append([None, None])
                self.nodes[node][bit] = len(self.nodes) - 1
            node = self.nodes[node][bit]
        self.nodes[node][bits[-1]] = ("data", offset)

    def encode(self, record_bits: int) -> bytes:
        count = len(self.nodes)

        def record(value: object) -> int:
            if value is None:
                return count
            return value if isinstance(value, int) else count + len(SEPARATOR) + value[1]

        out = bytearray()
        for left, right in ((record(a), record(b)) for a, b in self.nodes):
            if record_bits == 28:
                out += struct.pack(">I", left)[1:] + bytes([(left >> 24 & 15) << 4 | right >> 24 & 15])
                out += struct.pack(">I", right)[1:]
            else:
                width = record_bits // 8
                out += left.to_bytes(width, "big") + right.to_bytes(width, "big")
        return bytes(out)


def database(kind: str, networks: dict[str, dict], ip_version: int = 6, record_bits: int = 24) -> bytes:
    data, tree = Data(), Tree(ip_version)
    for network, record in networks.items():
        tree.insert(network, data.put(record))
    metadata = Data(pointers=False)
    metadata.put(
        {
            "binary_format_major_version": Uint16(2),
            "binary_format_minor_version": Uint16(0),
            "build_epoch": Uint64(BUILT),
            "database_type": kind,
            "description": {"en": "made for tests"},
            "ip_version": Uint16(ip_version),
            "languages": ["en"],
            "node_count": len(tree.nodes),
            "record_size": Uint16(record_bits),
        }
    )
    return tree.encode(record_bits) + SEPARATOR + bytes(data.bytes) + MARKER + bytes(metadata.bytes)


def nested_city(country: str, continent: str, subdivision: str, region: str, city: str) -> dict:
    def names(text: str) -> dict:
        return {"names": {"de": f"{text} (de)", "en": text, "fr": f"{text} (fr)"}}

    return {
        "city": {"geoname_id": 1, **names(city)},
        "continent": {"code": continent, "geoname_id": 2, **names("somewhere")},
        "country": {"geoname_id": 3, "is_in_european_union": continent == "EU", "iso_code": country, **names(country)},
        "location": {"accuracy_radius": 20, "latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"},
        "postal": {"code": "10115"},
        "registered_country": {"iso_code": "US", **names("United States")},
        "subdivisions": [{"iso_code": subdivision, **names(region)}, {"iso_code": "ZZZ", **names("a part of it")}],
    }


FIXTURES = {
    # as @ip-location-db writes DB-IP's data
    "country-flat": database(
        "country ipvAll",
        {
            "127.0.0.0/8": {"country_code": "NL"},
            "192.0.2.0/25": {"country_code": "DE"},
            "192.0.2.128/25": {"country_code": "US"},
            "198.51.100.0/26": {"country_code": "??"},
            "198.51.100.64/26": {"country_code": "EU"},
            "198.51.100.128/26": {"country_code": "A1"},
            "198.51.100.192/26": {"country_code": "fr"},
            "2001:db8::/33": {"country_code": "JP"},
        },
    ),
    "city-flat": database(
        "city ipv4",
        {
            "192.0.2.0/25": {
                "city": "Munich",
                "country_code": "DE",
                "latitude": 48.1,
                "postcode": "",
                "state1": "Bavaria",
                "state2": "",
                "timezone": "",
            },
        },
        ip_version=4,
        record_bits=32,
    ),
    # as MaxMind writes its own
    "city-nested": database(
        "GeoLite2-City",
        {
            "192.0.2.0/25": nested_city("DE", "EU", "BE", "Land Berlin", "Berlin"),
            "203.0.113.0/24": nested_city("AU", "OC", "NSW", "New South Wales", "Sydney"),
            "2001:db8::/32": nested_city("JP", "AS", "13", "Tokyo", "Tokyo"),
        },
        record_bits=28,
    ),
    "asn": database(
        "GeoLite2-ASN",
        {
            "192.0.2.0/24": {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Networks"},
            "2001:db8::/32": {"autonomous_system_number": 4200000000, "autonomous_system_organization": "Example Six"},
        },
    ),
    "isp": database(
        "GeoIP2-ISP",
        {
            "192.0.2.0/24": {
                "autonomous_system_number": 64496,
                "autonomous_system_organization": "EXAMPLE-AS",
                "isp": "Example Telecom",
                "organization": "Example Shop",
            },
        },
    ),
    "connection": database("GeoIP2-Connection-Type", {"192.0.2.0/24": {"connection_type": "Cellular"}}),
    "enterprise": database(
        "GeoIP2-Enterprise",
        {
            "192.0.2.0/24": {
                "country": {"iso_code": "CH"},
                "traits": {
                    "autonomous_system_number": 64500,
                    "connection_type": "Corporate",
                    "isp": "Alpine Cable",
                    "organization": "Bank",
                },
            },
        },
    ),
    "ipinfo": database(
        "ipinfo lite",
        {
            "192.0.2.0/24": {
                "as_domain": "example.com",
                "as_name": "Example LLC",
                "asn": "AS64501",
                "continent": "Europe",
                "continent_code": "EU",
                "country": "Italy",
                "country_code": "IT",
            },
        },
    ),
    "no-place": database("GeoIP2-Domain", {"192.0.2.0/24": {"domain": "example.com"}}),
}


def main() -> None:
    default = pathlib.Path(__file__).resolve().parents[2] / "core" / "geo" / "fixtures"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FIXTURES.items():
        (folder / f"{name}.mmdb").write_bytes(content)


if __name__ == "__main__":
    main()
