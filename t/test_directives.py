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
    ("tributary_run_path ", 'tributary_run_path "";#', "tributary_run_path"),
    ("tributary_journal_path ", 'tributary_journal_path "";#', "tributary_journal_path"),
    ("tributary_snapshot_path ", 'tributary_snapshot_path "";#', "tributary_snapshot_path"),
    ("tributary_edge test number=1;", "tributary_edge test 1;", "tributary_edge"),
    ("tributary_edge test number=1;", "tributary_edge a/b number=1;", "tributary_edge"),
    ("segment=8m", "segment=2m", "tributary_journal_path"),
    ("tributary_redirect;", "tributary_redirect; tributary_fallback //host/;", "tributary_fallback"),
    ("tributary_redirect;", "tributary_redirect; tributary_fallback =302;", "tributary_fallback"),
    ("tributary_redirect;", "tributary_redirect; tributary_postback;", "tributary_postback"),
    ("tributary_redirect;", "proxy_pass http://127.0.0.1; tributary_redirect;", "tributary_redirect"),
    ("tributary_redirect;", "tributary_redirect; proxy_pass http://127.0.0.1;", "tributary_redirect"),
    ("tributary_postback ;", "tributary_postback after=1s;", "tributary_postback"),
    ("tributary_postback ;", "tributary_postback timeout=2m;", "tributary_postback"),
    ("tributary_events ;", "tributary_events timeout=2m;", "tributary_events"),
    ("tributary_events ;", "tributary_events after=1s;", "tributary_events"),
    ("tributary_config;", "tributary_config max_size=1k;", "tributary_config"),
    ("tributary_config;", "tributary_config size=1m;", "tributary_config"),
    ("tributary_edge ", 'tributary_geoip ""; tributary_edge ', "tributary_geoip"),
    ("tributary_edge ", "tributary_geoip nginx.conf; tributary_edge ", "tributary_geoip"),
    ("tributary_edge ", "tributary_geoip a.mmdb; tributary_geoip b.mmdb; tributary_edge ", "tributary_geoip"),
    ("tributary_edge ", "tributary_user_agents missing.rules; tributary_edge ", "tributary_user_agents"),
    ("tributary_edge ", "tributary_user_agents nginx.conf; tributary_edge ", "tributary_user_agents"),
    ("tributary_edge ", "tributary_rotations 1m; tributary_edge ", "tributary_rotations"),
    ("tributary_edge ", "tributary_rotations slots=0; tributary_edge ", "tributary_rotations"),
    ("tributary_edge ", "tributary_rotations slots=17m; tributary_edge ", "tributary_rotations"),
    ("tributary_edge ", "tributary_rotations slots=; tributary_edge ", "tributary_rotations"),
    ("tributary_edge ", "tributary_overlay slots=2m; tributary_edge ", "tributary_overlay"),
    ("tributary_edge ", "tributary_overlay size=1m; tributary_edge ", "tributary_overlay"),
    ("tributary_edge ", "tributary_transactions size=3m; tributary_edge ", "tributary_transactions"),
    ("tributary_edge ", "tributary_transactions slots=1m; tributary_edge ", "tributary_transactions"),
    ("tributary_edge ", "tributary_caps 100; tributary_edge ", "tributary_caps"),
    ("tributary_edge ", "tributary_caps slots=0; tributary_edge ", "tributary_caps"),
    ("tributary_edge ", "tributary_caps slots=16777217; tributary_edge ", "tributary_caps"),
    ("tributary_edge ", "tributary_caps slots=1; tributary_caps slots=2; tributary_edge ", "tributary_caps"),
    ("tributary_edge ", "tributary_uniques size=12m; tributary_edge ", "tributary_uniques"),
    ("tributary_edge ", "tributary_uniques size=128k; tributary_edge ", "tributary_uniques"),
    ("tributary_edge ", "tributary_uniques size=1g; tributary_edge ", "tributary_uniques"),
    ("tributary_edge ", "tributary_uniques 8m; tributary_edge ", "tributary_uniques"),
    ("tributary_edge ", "tributary_address_privacy drop; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy truncate 16; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy hash; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy hash rotate=1d; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy hash key=missing; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy hash key=/dev/null; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy hash key=nginx.conf; tributary_edge ", "tributary_address_privacy"),
    ("tributary_edge ", "tributary_address_privacy hash rotate=1s; tributary_edge ", "tributary_address_privacy"),
    (
        "tributary_edge ",
        "tributary_address_privacy keep; tributary_address_privacy keep; tributary_edge ",
        "tributary_address_privacy",
    ),
    ("tributary_redirect;", "tributary_redirect; tributary_trafficback_hops 0;", "tributary_trafficback_hops"),
    ("tributary_redirect;", "tributary_redirect; tributary_trafficback_hops 64;", "tributary_trafficback_hops"),
    ("tributary_redirect;", "tributary_redirect; tributary_trafficback_hops many;", "tributary_trafficback_hops"),
    ("tributary_edge ", "tributary_anti_repeat size=many; tributary_edge ", "tributary_anti_repeat"),
    ("tributary_edge ", "tributary_cap_values size=3m; tributary_edge ", "tributary_cap_values"),
    ("tributary_edge ", "tributary_cap_values size=512k; tributary_edge ", "tributary_cap_values"),
    ("tributary_edge ", "tributary_cap_values size=128m; tributary_edge ", "tributary_cap_values"),
    ("tributary_edge ", "tributary_cap_values 2m; tributary_edge ", "tributary_cap_values"),
    ("tributary_edge ", "tributary_recent_clicks size=3m; tributary_edge ", "tributary_recent_clicks"),
    ("tributary_edge ", "tributary_recent_clicks size=32k; tributary_edge ", "tributary_recent_clicks"),
    ("tributary_edge ", "tributary_recent_clicks size=512m; tributary_edge ", "tributary_recent_clicks"),
    ("tributary_edge ", "tributary_recent_clicks 2m; tributary_edge ", "tributary_recent_clicks"),
    ("tributary_link;", "tributary_link on;", "tributary_link"),
    ("tributary_lander_click;", "tributary_lander_click 1d;", "tributary_lander_click"),
    ("tributary_lander_click;", "tributary_lander_click window=;", "tributary_lander_click"),
    ("tributary_lander_click;", "tributary_lander_click window=many;", "tributary_lander_click"),
    ("tributary_lander_click;", "tributary_lander_click window=10ms;", "tributary_lander_click"),
    ("tributary_lander_click;", "tributary_lander_click window=366d;", "tributary_lander_click"),
    ("tributary_lander_click;", "tributary_lander_click window=1d window=2d;", "tributary_lander_click"),
    ("tributary_lander_click;", "tributary_lander_click; tributary_link;", "tributary_link"),
    ("tributary_link;", "tributary_link; tributary_link;", "tributary_link"),
    ("tributary_click;", "tributary_click; tributary_redirect;", "tributary_redirect"),
    ("tributary_track;", "tributary_track; proxy_pass http://127.0.0.1;", "tributary_track"),
    ("tributary_script;", "tributary_script /t.js;", "tributary_script"),
]
# nginx's own words for what it checks itself.
OF_NGINX = ("is duplicate", "invalid number of arguments", "is not allowed here")


@pytest.mark.parametrize(("right", "wrong", "directive"), WRONG)
def test_a_wrong_value_is_refused_with_the_name_of_its_directive(make_nginx, right, wrong, directive):
    nginx = make_nginx()
    text = nginx.configuration()
    assert right in text
    code, said = nginx.test(text.replace(right, wrong, 1))
    assert code != 0
    assert f'"{directive}"' in said
    assert "write " in said or "give each " in said or any(words in said for words in OF_NGINX)


def test_geo_data_that_is_not_there_yet_is_only_a_warning(make_nginx):
    nginx = make_nginx(http="tributary_geoip later.mmdb;")
    code, said = nginx.test()
    assert code == 0, said
    assert '"tributary_geoip"' in said
    assert "later.mmdb" in said


OF_HTTP = ["run_path", "journal_path", "snapshot_path", "edge", "config_key"]
OF_LOCATION = [
    "redirect",
    "link",
    "click",
    "lander_click",
    "track",
    "script",
    "postback",
    "config",
    "status",
    "metrics",
]


def line_of(text, directive):
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(directive + " "))


@pytest.mark.parametrize("name", OF_HTTP)
def test_a_setting_of_the_edge_is_refused_twice_and_anywhere_but_in_http(make_nginx, name):
    nginx = make_nginx()
    text = nginx.configuration()
    directive = f"tributary_{name}"
    line = line_of(text, directive)
    code, said = nginx.test(text.replace(line, f"{line} {line}", 1))
    assert (code, f'"{directive}" directive is duplicate' in said) == (1, True), said
    for context in ("events {", "server {", "location /c/ {"):
        code, said = nginx.test(text.replace(context, f"{context} {line}", 1))
        assert (code, f'"{directive}" directive is not allowed here' in said) == (1, True), said


@pytest.mark.parametrize("name", OF_LOCATION)
def test_a_handler_is_refused_twice_and_anywhere_but_in_a_location(make_nginx, name):
    nginx = make_nginx()
    text = nginx.configuration()
    directive = f"tributary_{name}"
    twice = f"location /x/ {{ {directive}; {directive}; }} location /c/ {{"
    code, said = nginx.test(text.replace("location /c/ {", twice))
    assert (code, f'"{directive}" directive is duplicate' in said) == (1, True), said
    for context in ("events {", "http {", "server {", "location /c/ { if ($arg_x) {"):
        end = " }" if "if" in context else ""
        wrong = text.replace(context.split(" if")[0], f"{context} {directive};{end}", 1)
        code, said = nginx.test(wrong)
        assert (code, f'"{directive}" directive is not allowed here' in said) == (1, True), said


def test_a_fallback_is_refused_twice_and_taken_in_http_server_and_location(make_nginx):
    nginx = make_nginx()
    text = nginx.configuration()
    for context in ("http {", "server {", "location /c/ {"):
        line = "tributary_fallback =404;"
        assert nginx.test(text.replace(context, f"{context} {line}", 1))[0] == 0
        code, said = nginx.test(text.replace(context, f"{context} {line} {line}", 1))
        assert (code, '"tributary_fallback" directive is duplicate' in said) == (1, True), said
    in_if = "location /c/ { if ($arg_x) { tributary_fallback =404; }"
    code, said = nginx.test(text.replace("location /c/ {", in_if, 1))
    assert (code, '"tributary_fallback" directive is not allowed here' in said) == (1, True), said


@pytest.mark.parametrize(
    ("one", "other"),
    [("run_path", "journal_path"), ("run_path", "snapshot_path"), ("journal_path", "snapshot_path")],
)
def test_two_settings_with_one_folder_are_refused(make_nginx, one, other):
    nginx = make_nginx()
    text = nginx.configuration()
    code, said = nginx.test(text.replace(str(getattr(nginx, one)), str(getattr(nginx, other))))
    assert code != 0
    assert f"tributary_{one}" in said
    assert f"tributary_{other}" in said
    assert "write another" in said


def test_snapshots_on_disk_are_not_those_of_the_run_path(make_nginx):
    nginx = make_nginx()
    code, said = nginx.test(nginx.configuration().replace(str(nginx.snapshot_path), f"{nginx.run_path}/snapshots"))
    assert code != 0
    assert "write another" in said


# The script needs nothing: it is a text.
@pytest.mark.parametrize("name", [name for name in OF_LOCATION if name != "script"])
def test_a_handler_names_what_it_misses(make_nginx, name):
    nginx = make_nginx()
    text = nginx.configuration(template="http {{ server {{ listen 127.0.0.1:{port}; location / {{ HANDLER; }} }} }}\n")
    code, said = nginx.test(text.replace("HANDLER", f"tributary_{name}"))
    assert code != 0
    assert f'"tributary_{name}" needs "tributary_run_path": write "tributary_run_path ' in said


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
    template = "http {{ access_log off; server {{ listen 127.0.0.1:{port}; return 204; }} }}\n"
    nginx.start(nginx.configuration(template=template))
    assert nginx.client.get("/").status_code == 204
    assert list(nginx.journal_path.iterdir()) == []
