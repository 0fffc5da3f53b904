"""`nginx -t` catches mistakes and says what to write instead; a configuration without http{} works."""

import pytest

from lib.nginx import HTTP

WRONG = [
    ("tributary_edge test number=1;", "tributary_edge test number=1024;", "tributary_edge"),
    ("tributary_edge test number=1;", "tributary_edge test number=x;", "tributary_edge"),
    ("tributary_edge test number=1;", "tributary_edge test;", "tributary_edge"),
    ("tributary_edge test number=1;", 'tributary_edge "" number=1;', "tributary_edge"),
    ("ring=4m", "ring=5", "tributary_journal_path"),
    ("ring=4m", "ring=many", "tributary_journal_path"),
    ("ring=4m", "ring=4m ring=4m", "tributary_journal_path"),
    ("segment=8m", "segment=1", "tributary_journal_path"),
    ("segment=8m", "sync=never", "tributary_journal_path"),
    ("segment=8m", "colour=blue", "tributary_journal_path"),
    ("/push.pub;", "/missing.pub;", "tributary_config_key"),
    ("/push.pub;", "/push.key;", "tributary_config_key"),
    ("tributary_redirect;", "tributary_redirect on;", "tributary_redirect"),
    ("tributary_redirect;", "tributary_redirect; tributary_redirect;", "tributary_redirect"),
    ("tributary_redirect;", "tributary_redirect; tributary_fallback ftp://x/;", "tributary_fallback"),
    ("tributary_redirect;", "tributary_redirect; tributary_fallback =99;", "tributary_fallback"),
    ("tributary_redirect;", "tributary_redirect; tributary_fallback javascript:alert(1);", "tributary_fallback"),
    ("tributary_postback ;", "tributary_postback timeout=soon;", "tributary_postback"),
    ("tributary_postback ;", "tributary_postback timeout=0;", "tributary_postback"),
    ("tributary_config;", "tributary_config max_size=huge;", "tributary_config"),
    ("tributary_status;", "tributary_status verbose;", "tributary_status"),
    ("tributary_metrics;", "tributary_metrics text;", "tributary_metrics"),
]


@pytest.mark.parametrize(("right", "wrong", "directive"), WRONG)
def test_a_wrong_value_is_refused_with_the_name_of_its_directive(make_nginx, right, wrong, directive):
    nginx = make_nginx()
    text = nginx.configuration()
    assert right in text
    code, said = nginx.test(text.replace(right, wrong, 1))
    assert code != 0
    assert directive in said


@pytest.mark.parametrize("directive", ["tributary_run_path", "tributary_journal_path", "tributary_edge"])
def test_a_missing_directive_is_named(make_nginx, directive):
    nginx = make_nginx()
    lines = [line for line in nginx.configuration().splitlines() if not line.strip().startswith(directive + " ")]
    code, said = nginx.test("\n".join(lines))
    assert code != 0
    assert directive in said


def test_a_right_configuration_passes_and_leaves_nothing_behind(make_nginx):
    nginx = make_nginx()
    code, said = nginx.test()
    assert code == 0, said
    assert list(nginx.journal_path.iterdir()) == []


def test_without_an_http_block_the_module_does_nothing(make_nginx):
    nginx = make_nginx()
    text = nginx.configuration(template="")
    assert "http {" not in text
    assert "http {" in HTTP.replace("{{", "{")
    nginx.start(text)
    assert len(nginx.workers()) == 2
    assert list(nginx.journal_path.iterdir()) == []


def test_an_http_block_without_our_directives_does_nothing(make_nginx):
    nginx = make_nginx()
    nginx.start(nginx.configuration(template="http {{ server {{ listen 127.0.0.1:{port}; return 204; }} }}\n"))
    assert nginx.client.get("/").status_code == 204
    assert list(nginx.journal_path.iterdir()) == []
