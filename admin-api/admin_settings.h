#pragma once

#include <string>

#include "platform/settings/settings.h"

namespace tributary::admin {

// Every key of conf/admin-api.yaml; the file documents the same words.
SettingsSchema settings_schema();

Settings load_settings(const std::string& path);

}  // namespace tributary::admin
