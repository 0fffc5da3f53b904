#include "core/url/url_template.h"

#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>
#include <map>
#include <string>

#include "core/base/cmocka.h"
#include "core/base/random.h"

using namespace tributary;

namespace {

constexpr auto kHighest = static_cast<std::uint16_t>(Macro::sample);

class Values final : public MacroSource {
 public:
  std::map<Macro, std::string> values;
  std::string_view value(Macro macro) noexcept override {
    const auto it = values.find(macro);
    return it == values.end() ? std::string_view{} : it->second;
  }
  std::string_view computed(const MacroCall& call) noexcept override { return value(call.macro); }
};

CompiledTemplate compiled(std::string_view source) {
  auto result = compile_template(source);
  if (!result.ok()) {
    print_error("%.*s: %s\n", static_cast<int>(source.size()), source.data(), result.error().reason.c_str());
  }
  assert_true(result.ok());
  return std::move(result).value();
}

std::string rendered(std::string_view source, Values& values) {
  const CompiledTemplate url = compiled(source);
  std::array<char, kMaxRenderedUrl> out;
  const std::size_t length = render_template(url.text, url.parts, values, out);
  return {out.data(), length};
}

std::string rendered(std::string_view source) {
  Values values;
  values.values = {
      {Macro::click_id, "d0rh86r0"}, {Macro::sub_id_1, "a b"}, {Macro::external_id, "https://x.example/?q=1"}};
  return rendered(source, values);
}

void expect_error(std::string_view source, std::size_t offset, std::string_view part_of_reason) {
  const auto result = compile_template(source);
  assert_false(result.ok());
  if (result.error().reason.find(part_of_reason) == std::string::npos) {
    assert_text(result.error().reason, part_of_reason);
  }
  assert_int_equal(result.error().offset, offset);
}

// proves: A54
void macros_are_replaced_by_encoded_values(void**) {
  assert_text(rendered("https://offer.example/p?click={click_id}&s={sub1}"),
              "https://offer.example/p?click=d0rh86r0&s=a%20b");
  assert_text(rendered("https://offer.example/{sub1}/{clickid}#{sub1}"), "https://offer.example/a%20b/d0rh86r0#a%20b");
}

void every_alias_means_the_same(void**) {
  for (const char* name : {"click_id", "clickid", "subid", "cid"}) {
    assert_true(find_macro(name) == Macro::click_id);
  }
  for (const char* name : {"sub7", "sub_7", "subid7", "sub_id_7", "sub_id7", "s7", "c7", "t7", "var7", "aff_sub7"}) {
    assert_true(find_macro(name) == sub_id_macro(7));
  }
  for (const char* name : {"transaction_id", "ref_id"}) {
    assert_true(find_macro(name) == Macro::click_id);
  }
  assert_true(find_macro("externalid") == Macro::external_id);
  assert_true(find_macro("sub_id_30") == Macro::sub_id_30);
  assert_false(find_macro("sub_id_31").has_value());
  assert_false(find_macro("sub0").has_value());
  assert_false(find_macro("SUB1").has_value());
}

void every_macro_has_a_canonical_name_that_finds_it(void**) {
  for (std::uint16_t number = 1; number <= kHighest; ++number) {
    const std::string_view name = macro_name(static_cast<Macro>(number));
    if (!name.empty()) {
      assert_true(find_macro(name) == static_cast<Macro>(number));
    }
  }
  assert_text(macro_name(Macro::click_id), "click_id");
  assert_text(macro_name(Macro::sub_id_30), "sub_id_30");
  assert_text(macro_name(Macro::literal), "");
}

void a_missing_value_leaves_nothing_behind(void**) {
  assert_text(rendered("https://offer.example/?k={keyword}&u={utm_source}"), "https://offer.example/?k=&u=");
}

void raw_values_keep_their_shape_but_cannot_cut_the_url(void**) {
  assert_text(rendered("https://offer.example/?to={external_id:raw}"),
              "https://offer.example/?to=https://x.example/?q=1");
  assert_text(rendered("https://offer.example/?to={_external_id}"), "https://offer.example/?to=https://x.example/?q=1");
  Values values;
  values.values = {{Macro::sub_id_1, "a%20b%zz#c \r\n[\"<\xff"}};
  assert_text(rendered("https://offer.example/{sub1:raw}", values),
              "https://offer.example/a%20b%25zz%23c%20%0D%0A%5B%22%3C%FF");
}

void lower_folds_ascii_letters(void**) {
  Values values;
  values.values = {{sub_id_macro(2), "AbC-\xc3\x84"}};
  assert_text(rendered("http://offer.example/{sub2:lower}", values), "http://offer.example/abc-%C3%84");
  assert_text(rendered("http://offer.example/{sub2:raw:lower}", values), "http://offer.example/abc-%C3%84");
}

void values_are_expanded_once(void**) {
  Values values;
  values.values = {{Macro::sub_id_1, "{click_id}%7Bclick_id%7D"}, {Macro::click_id, "leak"}};
  assert_text(rendered("https://offer.example/?a={sub1}", values),
              "https://offer.example/?a=%7Bclick_id%7D%257Bclick_id%257D");
}

void macros_of_others_survive(void**) {
  for (const char* source : {
           "https://offer.example/?a={affiliate_name}&b={{campaign.id}}&c={{click_id}}",
           "https://offer.example/?a=${SUBID}&b=${click_id}&c={$click_id}",
           "https://offer.example/?a=[ORDER_ID]&b=[[c1]]&c=#s2#",
           "https://offer.example/?a=%TRANSACTION_ID%&b=%%MACRO%%&c=__CLICKID__&d=!!!clickRef!!!&e=@@X@@",
           "https://offer.example/?a={status:lead=0}&b={when:Y-m-d}&c={CLICKID}&d={",
       }) {
    assert_text(rendered(source), source);
  }
}

void a_name_of_ours_can_be_kept_as_text(void**) {
  assert_text(rendered("https://offer.example/?a={click_id:keep}&b={clikid:keep}"),
              "https://offer.example/?a={click_id}&b={clikid}");
}

void slips_are_reported_with_what_was_meant(void**) {
  expect_error("https://offer.example/?a={clikid}", 25, "did you mean {clickid}?");
  expect_error("https://offer.example/?a={clcikid}", 25, "did you mean {clickid}?");
  expect_error("https://offer.example/?a={clickId}", 25, "did you mean {clickid}?");
  expect_error("https://offer.example/?a={utm_sourc}", 25, "did you mean {utm_source}?");
  expect_error("https://offer.example/?a={sub31}", 25, "sub ids go from 1 to 30");
  expect_error("https://offer.example/?a={sub1:upper}", 30, "use :raw, :lower, :hash or :keep");
}

void arguments_are_checked_when_the_template_is_saved(void**) {
  expect_error("https://offer.example/?a={date:Y-m-d,Europe/Kiyv}", 30, "time zone \"Europe/Kiyv\" is not known");
  expect_error("https://offer.example/?a={date:Y-m-dTH:i}", 30, "letter \"T\" of the format is not known");
  expect_error("https://offer.example/?a={date:" + std::string(33, '-') + "}", 30, "longer than 32");
  for (const char* source : {"{random}", "{random:1}", "{random:9,1}", "{random:-1,2}", "{random:a,b}",
                             "{random:1,2,3}", "{random:1,9999999999999999999}"}) {
    expect_error("https://offer.example/?a=" + std::string(source), 32, "as {random:1,9}");
  }
  expect_error("https://offer.example/?a={sample}", 32, "as {sample:a,b}");
  assert_text(rendered("https://offer.example/?a={random:keep}&b={date:keep}"),
              "https://offer.example/?a={random}&b={date}");
}

void dates_of_one_zone_share_it(void**) {
  const CompiledTemplate url = compiled(
      "https://offer.example/?a={date:H,Europe/Kyiv}&b={date:i,Asia/Almaty}&c={date:s,Europe/Kyiv}&d={date:Y,UTC}");
  assert_int_equal(url.zones.size(), 2);
  assert_text(url.zones[0], "Europe/Kyiv");
  std::string zones;
  for (const TemplatePart& part : url.parts) {
    zones += part.macro == 0 ? "" : std::to_string(part.modifiers >> kZoneShift);
  }
  assert_text(zones, "1210");
}

// proves: A57
void only_literal_http_and_https_origins_are_taken(void**) {
  for (const char* source : {"", "offer.example/p", "//evil.example", "/\\evil.example", "https:evil.example",
                             "https:/evil.example", "javascript:alert(1)", "data:text/html,x", "ftp://x.example/",
                             " https://x.example/", "ht tps://x.example/", "file:///etc/passwd"}) {
    expect_error(source, 0, "scheme must be http or https");
  }
  expect_error("https://{sub1}/", 8, "host and port must be literal");
  expect_error("https://a.{sub1}.example/", 10, "host and port must be literal");
  expect_error("https://offer.example{sub1}", 21, "host and port must be literal");
  expect_error("https://offer.example:{sub1}/", 22, "host and port must be literal");
  expect_error("https://{sub1}@offer.example/", 8, "host and port must be literal");
  expect_error("https:///path", 8, "host is missing");
  expect_error("https://offer.example\\@evil.example/", 8, "user info");
  expect_error(
      "https://b\xc3\xbc"
      "cher.example/",
      8, "punycode");
  expect_error("https://offer.example:99999/", 21, "port must be");
  expect_error("https://offer.example:/", 21, "port must be");
}

void literal_user_info_and_ports_are_kept(void**) {
  for (const char* source : {"https://user:pa%20ss@offer.example:8443/x", "http://[2001:db8::1]:80/",
                             "http://127.0.0.1", "HTTPS://Offer.Example?x=1", "https://offer.example#top"}) {
    assert_text(rendered(source), source);
  }
}

void control_bytes_are_refused_where_they_stand(void**) {
  expect_error("https://offer.example/a\r\nSet-Cookie: x", 23, "control bytes");
  expect_error(std::string_view("https://offer.example/a\0b", 25), 23, "control bytes");
}

void what_a_url_cannot_hold_is_encoded(void**) {
  assert_text(rendered("https://offer.example/a b\"<\\>|^`\xc3\xa9?50% off&x=100%&y=%41"),
              "https://offer.example/a%20b%22%3C%5C%3E%7C%5E%60%C3%A9?50%25%20off&x=100%25&y=%41");
}

void limits_hold(void**) {
  const std::string base = "https://offer.example/";
  expect_error(base + std::string(kMaxTemplateLength, 'a'), kMaxTemplateLength, "longer than");
  expect_error(base + std::string(kMaxTemplateLength / 2, ' '), 0, "once it is percent-encoded");
  std::string many = base;
  for (int i = 0; i < 200; ++i) {
    many += "{sub1}/";
  }
  expect_error(many, 0, "more than 256 parts");
}

void a_result_that_does_not_fit_is_nothing(void**) {
  Values values;
  values.values = {{Macro::sub_id_1, "a b"}};
  const CompiledTemplate url = compiled("https://offer.example/{sub1}/x");
  const std::string whole = rendered("https://offer.example/{sub1}/x", values);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::string out(size, '\0');
    assert_int_equal(render_template(url.text, url.parts, values, out), size == whole.size() ? size : 0);
  }
}

// The strict check is Boost.URL's grammar of RFC 3986.
void check_rendered(const std::string& url) {
  for (const char c : url) {
    assert_true(static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f);
  }
  const auto view = boost::urls::parse_uri(url);
  if (!view) {
    print_error("not a URL: %s\n", url.c_str());
  }
  assert_true(bool(view));
  assert_text(std::string(view->scheme()), "https");
  assert_text(std::string(view->encoded_authority()), "user@offer.example:8443");
}

// proves: A54
void no_value_can_break_the_url(void**) {
  SplitMix64 random{11};
  const auto random_bytes = [&] {
    static constexpr std::string_view kNasty = "\r\n\t\0 %2f%0d{}#?&/\\@:;<>\"'[]..";
    std::string bytes(random.below(40), '\0');
    for (char& c : bytes) {
      c = random.below(2) == 0 ? static_cast<char>(random.next()) : kNasty[random.below(kNasty.size())];
    }
    return bytes;
  };
  std::string sources[4];
  for (std::string& source : sources) {
    source = "https://user@offer.example:8443/{sub1}/x{sub1:raw}?";
  }
  for (std::uint16_t number = 1; number <= kHighest; ++number) {
    const auto macro = static_cast<Macro>(number);
    const std::string name{macro_name(macro)};
    if (takes_argument(macro)) {
      const std::string argument = macro == Macro::date ? "Y" : "1,9";
      sources[0] += "&p={" + name + ":" + argument + "}";
      sources[1] += "&p={_" + name + ":" + argument + "}";
    } else if (!name.empty()) {
      sources[0] += "&p={" + name + "}";
      sources[1] += "&p={" + name + ":raw}";
      sources[2] += "&p={_" + name + ":lower}";
      sources[3] += "&p={" + name + ":raw:hash}";
    }
  }
  Values values;
  for (int round = 0; round < 1000; ++round) {
    for (std::uint16_t number = 1; number <= kHighest; ++number) {
      values.values[static_cast<Macro>(number)] = random_bytes();
    }
    for (const std::string& source : sources) {
      check_rendered(rendered(source + "#{sub2}{sub3:raw}", values));
    }
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(macros_are_replaced_by_encoded_values),
      cmocka_unit_test(every_alias_means_the_same),
      cmocka_unit_test(every_macro_has_a_canonical_name_that_finds_it),
      cmocka_unit_test(a_missing_value_leaves_nothing_behind),
      cmocka_unit_test(raw_values_keep_their_shape_but_cannot_cut_the_url),
      cmocka_unit_test(lower_folds_ascii_letters),
      cmocka_unit_test(values_are_expanded_once),
      cmocka_unit_test(macros_of_others_survive),
      cmocka_unit_test(a_name_of_ours_can_be_kept_as_text),
      cmocka_unit_test(slips_are_reported_with_what_was_meant),
      cmocka_unit_test(arguments_are_checked_when_the_template_is_saved),
      cmocka_unit_test(dates_of_one_zone_share_it),
      cmocka_unit_test(only_literal_http_and_https_origins_are_taken),
      cmocka_unit_test(literal_user_info_and_ports_are_kept),
      cmocka_unit_test(control_bytes_are_refused_where_they_stand),
      cmocka_unit_test(what_a_url_cannot_hold_is_encoded),
      cmocka_unit_test(limits_hold),
      cmocka_unit_test(a_result_that_does_not_fit_is_nothing),
      cmocka_unit_test(no_value_can_break_the_url),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
