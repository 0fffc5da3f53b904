#include "ingestor/settings.h"

namespace tributary::ingest {
namespace {

constexpr std::int64_t kYearDays = 366;
constexpr std::uint32_t kConnectTimeoutS = 3;

template <typename Value>
Value parsed(const Settings& settings, const std::string& key, Result<Value, std::string> (*parse)(std::string_view)) {
  auto value = parse(settings.text(key));
  if (!value) throw SettingsError(key + ": " + value.error());
  return std::move(*value);
}

OutboundSettings outbound_settings(const Settings& settings) {
  OutboundSettings out;
  out.guard = parsed(settings, "outbound.allowed_addresses", &AddressGuard::parse);
  out.retries = parsed(settings, "outbound.retry_waits_s", &RetryLadder::parse);
  out.concurrency = static_cast<std::size_t>(settings.integer("outbound.concurrency"));
  out.per_host = static_cast<std::size_t>(settings.integer("outbound.per_host"));
  out.timeout = std::chrono::milliseconds(settings.integer("outbound.timeout_ms"));
  out.connect_timeout = std::chrono::milliseconds(settings.integer("outbound.connect_timeout_ms"));
  out.pause_after = static_cast<std::int32_t>(settings.integer("outbound.pause_after"));
  out.pause_s = settings.integer("outbound.pause_s");
  return out;
}

}  // namespace

const SettingsSchema& ingestor_settings_schema() {
  static const SettingsSchema schema(
      "ingestor",
      {
          {"postgres.url", SettingType::text, "postgresql://tributary_ingestor@127.0.0.1:5432/tributary",
           "libpq URL of the database; with a password in it, prefer url_file"},
          {"postgres.url_file", SettingType::text, "", "file whose first line is the URL, instead of url"},
          {"source", SettingType::text, "journal", "where events come from", 0, 0, {"journal"}},
          {"journal.path", SettingType::text, "/var/lib/tributary/journal",
           "directory of the segments: tributary_journal_path of nginx.conf"},
          {"journal.run_path", SettingType::text, "/run/tributary",
           "directory of the rings, on tmpfs: tributary_run_path of nginx.conf"},
          {"journal.keep_hours", SettingType::integer, "24",
           "how long a stored segment is kept, so that a restored database can be fed again", 0, 24 * kYearDays},
          {"journal.keep_bytes", SettingType::integer, "10737418240",
           "how many bytes of stored segments are kept per journal at most", 0, 1ll << 50},
          {"batch.rows", SettingType::integer, "50000", "records per transaction at most", 1, 1'000'000},
          {"batch.bytes", SettingType::integer, "16777216", "bytes of records per transaction at most", 4096, 1 << 30},
          {"batch.interval_ms", SettingType::integer, "250", "how long the first record of a batch waits at most", 1,
           60'000},
          {"http.listen", SettingType::text, "127.0.0.1:9464",
           "address of /metrics and /healthz: host:port on loopback or unix:PATH"},
          {"log.level",
           SettingType::text,
           "info",
           "least level that is logged",
           0,
           0,
           {"debug", "info", "warning", "error"}},
          {"log.format", SettingType::text, "text", "lines on standard error as text or JSON", 0, 0, {"text", "json"}},
          {"retention.days", SettingType::integer, "400",
           "raw rows are dropped after this many days; older events become dead letters", 1, 10 * kYearDays},
          {"geo.files", SettingType::text, "",
           ".mmdb files that say where an address is, divided by colons: those of tributary_geoip in nginx.conf"},
          {"user_agents.rules", SettingType::text, "",
           "rules that say what a user agent is: conf/user-agents/agents.rules, as in nginx.conf"},
          {"outbound.allowed_addresses", SettingType::text, "",
           "ranges of addresses that are not public and may be sent postbacks all the same: \"10.20.0.0/16, "
           "fd00::/8\""},
          {"outbound.concurrency", SettingType::integer, "64", "postbacks on their way at the same time", 1, 1000},
          {"outbound.per_host", SettingType::integer, "4", "of these to one host", 1, 1000},
          {"outbound.timeout_ms", SettingType::integer, "10000", "how long an attempt may take", 100, 60'000},
          {"outbound.connect_timeout_ms", SettingType::integer, "5000", "of that, for the connection", 100, 60'000},
          {"outbound.retry_waits_s", SettingType::text, "60 300 1800 7200 21600 86400",
           "seconds to wait after each attempt that failed, up to a fifth more; after the last one the postback is "
           "given up"},
          {"outbound.pause_after", SettingType::integer, "25", "a template with so many failures in a row is paused", 1,
           1'000'000},
          {"outbound.pause_s", SettingType::integer, "900",
           "how long; then one postback is tried, and each failure pauses again", 1, 7 * 86'400},
      });
  return schema;
}

IngestorSettings load_ingestor_settings(const std::string& path) {
  constexpr std::string_view kOther[] = {"TRIBUTARY_INGESTOR_CRASH_AT"};
  const Settings settings = Settings::load(ingestor_settings_schema(), path, process_environment(), kOther);
  const auto number = [&](std::string_view key) { return static_cast<std::uint64_t>(settings.integer(key)); };
  IngestorSettings out;
  out.postgres_url = secret_setting(settings, "postgres.url");
  out.journal_path = settings.text("journal.path");
  out.run_path = settings.text("journal.run_path");
  out.keep_s = number("journal.keep_hours") * 3600;
  out.keep_bytes = number("journal.keep_bytes");
  out.batch_rows = number("batch.rows");
  out.batch_bytes = number("batch.bytes");
  out.batch_interval_ms = number("batch.interval_ms");
  out.http_listen = settings.text("http.listen");
  out.log_level = settings.text("log.level");
  out.log_format = settings.text("log.format");
  out.retention_days = number("retention.days");
  out.geo_files = settings.text("geo.files");
  out.user_agent_rules = settings.text("user_agents.rules");
  out.outbound = outbound_settings(settings);
  return out;
}

ConnectOptions IngestorSettings::connection(const std::string& purpose) const {
  ConnectOptions options;
  options.url = postgres_url;
  options.application_name = "tributary-ingestor " + purpose;
  options.connect_timeout_s = kConnectTimeoutS;
  return options;
}

}  // namespace tributary::ingest
