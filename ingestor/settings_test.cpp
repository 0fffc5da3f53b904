#include "ingestor/settings.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

// The shipped file must name every key, at its default, so that what it documents is true.
void the_shipped_file_has_every_key_at_its_default(void**) {
  const std::string path = TRIBUTARY_SOURCE_DIR "/conf/ingestor.yaml";
  const Settings shipped = Settings::load(ingest::ingestor_settings_schema(), path, {});
  const Settings defaults = Settings::parse(ingest::ingestor_settings_schema(), "", "defaults");
  for (const Setting& setting : ingest::ingestor_settings_schema().settings()) {
    assert_true(shipped.given(setting.key));
    switch (setting.type) {
      case SettingType::text:
        assert_string_equal(shipped.text(setting.key).c_str(), defaults.text(setting.key).c_str());
        break;
      case SettingType::integer: assert_int_equal(shipped.integer(setting.key), defaults.integer(setting.key)); break;
      case SettingType::boolean: assert_int_equal(shipped.boolean(setting.key), defaults.boolean(setting.key)); break;
    }
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(the_shipped_file_has_every_key_at_its_default)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
