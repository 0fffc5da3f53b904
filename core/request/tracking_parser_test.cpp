#include "core/request/tracking_parser.h"

#include <string>
#include <vector>

#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/test_build.h"
#include "schema/snapshot_generated.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

// What parse_tracking makes of a query, with the memory that its views need.
class Parsed {
 public:
  explicit Parsed(std::string query, std::size_t arena_size = kMaxTrackingTotal)
      : query_(std::move(query)), memory_(arena_size) {
    std::array<QueryParameter, kMaxQueryParameters> parameters;
    bool truncated = false;
    const std::size_t count = parse_query(query_, parameters, truncated);
    Arena arena{memory_};
    parse_tracking({parameters.data(), count}, arena, tracking_, labels_);
  }
  Parsed(std::string query, const fbs::Source& source) : query_(std::move(query)), memory_(kMaxTrackingTotal) {
    std::array<QueryParameter, kMaxQueryParameters> parameters;
    bool truncated = false;
    const std::size_t count = parse_query(query_, parameters, truncated);
    Arena arena{memory_};
    parse_tracking({parameters.data(), count}, source, arena, tracking_, labels_);
  }
  const Tracking* operator->() const { return &tracking_; }
  std::string_view sub_id(std::size_t n) const { return tracking_.sub_ids[n - 1]; }
  bool truncated() const { return (labels_ & kLabelTruncated) != 0; }

 private:
  std::string query_;
  std::vector<char> memory_;
  std::uint32_t labels_ = 0;
  Tracking tracking_;
};

void every_name_of_a_sub_id_reaches_its_slot(void**) {
  for (int n = 1; n <= 30; ++n) {
    for (const char* family :
         {"sub", "sub_", "subid", "subid_", "sub_id", "sub_id_", "s", "c", "t", "var", "aff_sub", "aff_sub_", "SUB"}) {
      const Parsed parsed{family + std::to_string(n) + "=v+%31"};
      assert_text(parsed.sub_id(static_cast<std::size_t>(n)), "v 1");
    }
  }
  for (const char* bare : {"sub", "subid", "sub_id", "aff_sub"}) {
    assert_text(Parsed(std::string(bare) + "=x").sub_id(1), "x");
  }
}

void numbers_out_of_range_are_nobodys(void**) {
  for (const char* query : {"sub0=x", "sub31=x", "sub01=x", "sub100=x", "sub_=x", "s=x", "1=x", "subx1=x", "sub1x=x"}) {
    const Parsed parsed{query};
    for (const std::string_view value : parsed->sub_ids) {
      assert_text(value, "");
    }
  }
}

void utm_and_keyword_are_recognised(void**) {
  const Parsed parsed{"utm_source=a&UTM_Medium=b&utm_campaign=c&utm_content=d&utm_term=e&keyword=f%20g"};
  assert_text(parsed->utm_source, "a");
  assert_text(parsed->utm_medium, "b");
  assert_text(parsed->utm_campaign, "c");
  assert_text(parsed->utm_content, "d");
  assert_text(parsed->utm_term, "e");
  assert_text(parsed->keyword, "f g");
}

void ids_of_traffic_sources_are_external_ids(void**) {
  for (const char* name : {"external_id", "externalid",  "gclid",    "gbraid",  "wbraid",   "fbclid",  "msclkid",
                           "ttclid",      "twclid",      "yclid",    "ScCid",   "epik",     "rdt_cid", "li_fat_id",
                           "rb_clickid",  "ob_click_id", "click_id", "clickid", "click-id", "ref_id",  "visitor_id"}) {
    assert_text(Parsed(std::string(name) + "=id-1")->external_id, "id-1");
  }
}

void the_first_value_wins(void**) {
  const Parsed parsed{"sub1=&s1=first&sub_id_1=second&gclid=g&fbclid=f&cost=1&cost=2"};
  assert_text(parsed.sub_id(1), "first");
  assert_text(parsed->external_id, "g");
  assert_int_equal(parsed->cost_micros, 1'000'000);
}

void cost_and_currency_are_checked(void**) {
  const Parsed good{"cost=0,25&currency=eur"};
  assert_int_equal(good->cost_micros, 250'000);
  assert_text(good->currency, "EUR");
  for (const char* query : {"cost=-1", "cost=abc", "cost=1e9", "cost={cost}", "cost="}) {
    assert_int_equal(Parsed(query)->cost_micros, 0);
  }
  assert_text(Parsed("currency=credits")->currency, "");
}

void unexpanded_macros_are_no_values(void**) {
  const Parsed parsed{"sub1={zoneid}&s1=real&keyword={{keyword}}&gclid=%7Bgclid%7D"};
  assert_text(parsed.sub_id(1), "real");
  assert_text(parsed->keyword, "");
  assert_text(parsed->external_id, "");
}

void long_values_are_cut_and_labelled(void**) {
  const Parsed exact{"sub1=" + std::string(512, 'x') + "&sub2=" + std::string(511, 'y') + "+"};
  assert_int_equal(exact.sub_id(1).size(), 512);
  assert_int_equal(exact.sub_id(2).size(), 512);
  assert_false(exact.truncated());
  const Parsed plain{"sub1=" + std::string(513, 'x')};
  assert_int_equal(plain.sub_id(1).size(), 512);
  assert_true(plain.truncated());
  const Parsed encoded{"sub1=+" + std::string(512, 'x')};
  assert_int_equal(encoded.sub_id(1).size(), 512);
  assert_true(encoded.truncated());
}

void values_are_not_cut_inside_a_character(void**) {
  const Parsed parsed{"sub1=" + std::string(511, 'x') + "%C3%A9"};
  assert_int_equal(parsed.sub_id(1).size(), 511);
  assert_true(parsed.truncated());
}

void all_values_together_are_bounded(void**) {
  std::string query;
  for (int n = 1; n <= 30; ++n) {
    query += "&sub" + std::to_string(n) + "=" + std::string(4096, '+');
  }
  const Parsed parsed{query};
  std::size_t total = 0;
  for (const std::string_view value : parsed->sub_ids) {
    total += value.size();
  }
  assert_true(total <= kMaxTrackingTotal && total >= kMaxTrackingTotal - 1);
  assert_true(parsed.truncated());
}

void a_small_arena_cuts_but_never_breaks(void**) {
  for (std::size_t size = 0; size < 20; ++size) {
    const Parsed parsed{"sub1=a+b&sub2=plain&sub3=c%41d", size};
    assert_true(parsed.sub_id(1).size() <= 3);
    assert_true(parsed.sub_id(2) == "plain" || parsed.truncated());
  }
}

void foreign_parameters_mean_nothing(void**) {
  const Parsed parsed{"url=https://evil.example&redirect_url=//evil&q=1&id=5&page=2&lang=de&_ga=1.2"};
  assert_true(*parsed.operator->() == Tracking{});
  assert_false(parsed.truncated());
}

// A campaign's source as it is in a snapshot.
class WithSource {
 public:
  explicit WithSource(std::vector<model::Source::Name> names) {
    model::Snapshot snapshot = sample_snapshot({.campaigns = 2});
    snapshot.sources = {{9, std::move(names)}};
    snapshot.campaigns[0].source = 9;
    bytes_ = testing::build(snapshot);
    view_ = testing::view_of(bytes_);
  }
  const fbs::Source& names() const { return *view_->find_campaign(1)->source_names(); }
  const fbs::Source* of_campaign(std::uint32_t id) const { return view_->find_campaign(id)->source_names(); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::unique_ptr<SnapshotView> view_;
};

// proves: A49
void a_source_has_names_of_its_own(void**) {
  const WithSource source({{"zoneid", sub_id_macro(1)},
                           {"Bid", Macro::cost},
                           {"cur", Macro::currency},
                           {"visitor", Macro::external_id},
                           {"q", Macro::keyword},
                           {"camp", Macro::utm_campaign},
                           {"last", Macro::sub_id_30}});
  const Parsed parsed{"ZONEID=7+a&bid=0.25&cur=EUR&visitor=x1&q=shoes&camp=c&last=z&sub2=b", source.names()};
  assert_text(parsed.sub_id(1), "7 a");
  assert_text(parsed.sub_id(2), "b");
  assert_text(parsed.sub_id(30), "z");
  assert_int_equal(parsed->cost_micros, 250'000);
  assert_text(parsed->currency, "EUR");
  assert_text(parsed->external_id, "x1");
  assert_text(parsed->keyword, "shoes");
  assert_text(parsed->utm_campaign, "c");
}

void what_a_source_says_comes_first(void**) {
  const WithSource source({{"zoneid", sub_id_macro(1)}, {"keyword", sub_id_macro(2)}, {"bid", Macro::cost}});
  const Parsed parsed{"sub1=generic&cost=9&keyword=shoes&kw=boots&zoneid=own&bid=1", source.names()};
  assert_text(parsed.sub_id(1), "own");
  assert_text(parsed.sub_id(2), "shoes");
  assert_text(parsed->keyword, "boots");  // `keyword` means sub id 2 here, and nothing else
  assert_int_equal(parsed->cost_micros, 1'000'000);
}

void an_unexpanded_macro_of_a_source_is_no_value(void**) {
  const WithSource source({{"zoneid", sub_id_macro(1)}});
  const Parsed parsed{"zoneid=%7Bzoneid%7D&sub1=generic", source.names()};
  assert_text(parsed.sub_id(1), "generic");
}

void a_campaign_of_another_source_has_no_names(void**) {
  const WithSource source({{"zoneid", sub_id_macro(1)}});
  assert_null(source.of_campaign(2));
  assert_non_null(source.of_campaign(1));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_name_of_a_sub_id_reaches_its_slot),
      cmocka_unit_test(numbers_out_of_range_are_nobodys),
      cmocka_unit_test(utm_and_keyword_are_recognised),
      cmocka_unit_test(ids_of_traffic_sources_are_external_ids),
      cmocka_unit_test(the_first_value_wins),
      cmocka_unit_test(cost_and_currency_are_checked),
      cmocka_unit_test(unexpanded_macros_are_no_values),
      cmocka_unit_test(long_values_are_cut_and_labelled),
      cmocka_unit_test(values_are_not_cut_inside_a_character),
      cmocka_unit_test(all_values_together_are_bounded),
      cmocka_unit_test(a_small_arena_cuts_but_never_breaks),
      cmocka_unit_test(foreign_parameters_mean_nothing),
      cmocka_unit_test(a_source_has_names_of_its_own),
      cmocka_unit_test(what_a_source_says_comes_first),
      cmocka_unit_test(an_unexpanded_macro_of_a_source_is_no_value),
      cmocka_unit_test(a_campaign_of_another_source_has_no_names),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
