#include <cstddef>
#include <cstdint>

#include "platform/settings/settings.h"

// Whatever the bytes are, loading ends with values or with a SettingsError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tributary;
  static const SettingsSchema schema("fuzz", {{"source", SettingType::text, "a", "text", 0, 0, {"a", "kafka"}},
                                              {"batch.rows", SettingType::integer, "1", "number", 1, 100},
                                              {"batch.fast", SettingType::boolean, "true", "switch"}});
  try {
    Settings::parse(schema, {reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  } catch (const SettingsError&) {
  }
  return 0;
}
