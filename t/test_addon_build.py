"""Those who build nginx themselves say `./configure --add-dynamic-module=PATH`: what nginx's own make then does.

CMake is a stand-in that leaves a file where the module would be: building it takes minutes.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lib.places import ROOT

PACKAGED = Path("/usr/share/nginx/src")
CMAKE = """\
#!/bin/sh
echo "cmake $*" >> cmake.log
mkdir -p objs/tributary/bin
echo "$@" > objs/tributary/bin/ngx_http_tributary_module.so
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The packaged nginx sources, configured with our module."""
    folder = tmp_path_factory.mktemp("addon")
    shutil.copytree(PACKAGED, folder / "nginx")
    (folder / "bin").mkdir()
    (folder / "bin/cmake").write_text(CMAKE)
    (folder / "bin/cmake").chmod(0o755)
    run(folder / "nginx", "bash", "./configure", "--prefix=/opt/nginx", f"--add-dynamic-module={ROOT}")
    return folder / "nginx"


def run(tree, *command):
    environment = {**os.environ, "PATH": f"{tree.parent}/bin:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_make_modules_builds_against_the_tree_that_is_being_made(tree):
    run(tree, "make", "-f", "objs/Makefile", "modules")
    configured, built = (tree / "cmake.log").read_text().splitlines()[-2:]
    assert f"-DTRIBUTARY_NGINX_BUILD_DIR={tree}/objs" in configured
    assert f"-DTRIBUTARY_NGINX_SOURCE_DIR={tree}" in configured
    assert "--build objs/tributary" in built
    assert (tree / "objs/ngx_http_tributary_module.so").exists()


def test_make_install_puts_a_new_file_in_the_place_of_the_module_that_nginx_has_loaded(tree, tmp_path):
    command = ["make", "-f", "objs/Makefile", "ngx_http_tributary_module_install", f"DESTDIR={tmp_path}"]
    installed = tmp_path / "opt/nginx/modules/ngx_http_tributary_module.so"
    run(tree, *command)
    with installed.open() as loaded:
        run(tree, *command)
        assert os.fstat(loaded.fileno()).st_nlink == 0
    assert installed.exists()
    assert "install:\tngx_http_tributary_module_install" in (tree / "objs/Makefile").read_text()
