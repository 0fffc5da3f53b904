#include "platform/settings/settings.h"

#include <cstdio>
#include <fstream>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

const SettingsSchema& schema() {
  static const SettingsSchema instance(
      "ingestor", {
                      {"source", SettingType::text, "journal", "where from", 0, 0, {"journal", "kafka"}},
                      {"batch.rows", SettingType::integer, "10000", "rows", 1, 100000},
                      {"batch.fast", SettingType::boolean, "false", "quick"},
                      {"postgres.url", SettingType::text, "", "where to"},
                      {"postgres.url_file", SettingType::text, "", "file of it"},
                  });
  return instance;
}

// What the loader says about `yaml`, or "" when it accepts it.
std::string complaint(std::string_view yaml) {
  try {
    Settings::parse(schema(), yaml, "x.yaml");
  } catch (const SettingsError& error) {
    return error.what();
  }
  return "";
}

void assert_complaint(std::string_view yaml, const char* expected) {
  const std::string seen = complaint(yaml);
  assert_string_equal(seen.c_str(), expected);
}

void file_values_replace_defaults(void**) {
  const Settings settings = Settings::parse(schema(), "source: kafka\nbatch:\n  rows: 7\n  fast: true\n", "x.yaml");
  assert_string_equal(settings.text("source").c_str(), "kafka");
  assert_int_equal(settings.integer("batch.rows"), 7);
  assert_true(settings.boolean("batch.fast"));
  assert_true(settings.given("batch.rows"));
  assert_false(settings.given("postgres.url"));
}

void an_empty_file_gives_the_defaults(void**) {
  const Settings settings = Settings::parse(schema(), "# nothing\nbatch:\n", "x.yaml");
  assert_int_equal(settings.integer("batch.rows"), 10000);
}

// proves: C101
void the_environment_overrides_the_file(void**) {
  const std::string environment[] = {"HOME=/root", "TRIBUTARY_INGESTOR_BATCH__ROWS=9"};
  const Settings settings = Settings::parse(schema(), "batch: {rows: 7}", "x.yaml", environment);
  assert_int_equal(settings.integer("batch.rows"), 9);
}

void an_unknown_variable_of_the_program_is_refused(void**) {
  const std::string environment[] = {"TRIBUTARY_INGESTOR_BATCH__ROW=9"};
  std::string message;
  try {
    Settings::parse(schema(), "", "x.yaml", environment);
  } catch (const SettingsError& error) {
    message = error.what();
  }
  assert_string_equal(message.c_str(), "environment: TRIBUTARY_INGESTOR_BATCH__ROW: no such setting");
}

void mistakes_are_refused_with_place_and_key(void**) {
  assert_complaint("batch:\n  row: 7\n", "x.yaml:2:3: batch.row: unknown key");
  assert_complaint("batch: 7\n", "x.yaml:1:1: batch: is a section, its keys go below it");
  assert_complaint("source: kafka\nsource: journal\n", "x.yaml:2:1: source: given twice");
  assert_complaint("batch:\n  rows: many\n", "x.yaml:2:9: batch.rows: \"many\" is not an integer");
  assert_complaint("batch:\n  rows: 0\n", "x.yaml:2:9: batch.rows: \"0\" is not from 1 to 100000");
  assert_complaint("batch:\n  rows: \"7\"\n",
                   "x.yaml:2:9: batch.rows: \"7\" is not an integer (write it without quotes)");
  assert_complaint("batch:\n  fast: yes\n", "x.yaml:2:9: batch.fast: \"yes\" is not true or false");
  assert_complaint("source: redis\n", "x.yaml:1:9: source: \"redis\" is not one of: journal, kafka");
  assert_complaint("source: [kafka]\n", "x.yaml:1:9: source: a list is not allowed here");
  assert_complaint("source: &a kafka\n", "x.yaml:1:9: source: anchors are not allowed");
  assert_complaint("source: *a\n", "x.yaml:1:9: source: aliases are not allowed");
  assert_complaint("source: !!str kafka\n", "x.yaml:1:9: source: tags are not allowed");
  assert_complaint("source: kafka\n---\nsource: kafka\n", "x.yaml:2:1: a second document");
  assert_complaint("- kafka\n", "x.yaml:1:1: settings are written as \"key: value\" lines");
}

void broken_yaml_names_its_place(void**) {
  const std::string message = complaint("batch: {rows: 7\n");
  assert_true(message.rfind("x.yaml:2:1: not YAML: ", 0) == 0);
}

void a_secret_comes_from_its_file(void**) {
  const std::string path = "settings_test.secret";
  std::ofstream(path) << "postgresql://u:p@h/d\nsecond line\n";
  const Settings settings = Settings::parse(schema(), "postgres: {url_file: " + path + "}", "x.yaml");
  const std::string secret = secret_setting(settings, "postgres.url");
  std::remove(path.c_str());
  assert_string_equal(secret.c_str(), "postgresql://u:p@h/d");
}

void a_description_is_a_settings_file_of_defaults(void**) {
  const Settings settings = Settings::parse(schema(), describe_settings(schema()), "described.yaml");
  assert_int_equal(settings.integer("batch.rows"), 10000);
  assert_string_equal(settings.text("source").c_str(), "journal");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(file_values_replace_defaults),
      cmocka_unit_test(an_empty_file_gives_the_defaults),
      cmocka_unit_test(the_environment_overrides_the_file),
      cmocka_unit_test(an_unknown_variable_of_the_program_is_refused),
      cmocka_unit_test(mistakes_are_refused_with_place_and_key),
      cmocka_unit_test(broken_yaml_names_its_place),
      cmocka_unit_test(a_secret_comes_from_its_file),
      cmocka_unit_test(a_description_is_a_settings_file_of_defaults),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
