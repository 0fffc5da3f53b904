#include "admin-api/runtime.h"

#include <boost/json/parse.hpp>
#include <fstream>
#include <stdexcept>

#include "admin-api/text/random_text.h"
#include "core/snapshot/push_keys.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kLimiterKeys = 100'000;

std::string read_secret(const std::string& key, const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    throw SettingsError(key + ": " + path + " cannot be read or is empty; make it with tributary-admin keygen");
  }
  return line;
}

std::string jwt_secret(const Settings& settings, Runtime::Purpose purpose) {
  if (purpose == Runtime::Purpose::command) return random_base62(64);
  return read_secret("jwt.secret_file", settings.text("jwt.secret_file"));
}

PusherOptions pusher_options(const Settings& settings, Runtime::Purpose purpose) {
  PusherOptions options;
  options.debounce = std::chrono::milliseconds(settings.integer("push.debounce_ms"));
  options.check_interval = std::chrono::milliseconds(settings.integer("push.check_interval_ms"));
  if (purpose == Runtime::Purpose::command) return options;
  auto key = read_push_secret_key(settings.text("push.signing_key_file"));
  if (!key) throw SettingsError("push.signing_key_file: " + key.error());
  options.key = *key;
  return options;
}

AddressGuard outbound_guard(const Settings& settings) {
  auto guard = AddressGuard::parse(settings.text("outbound.allowed_addresses"));
  if (!guard) throw SettingsError("outbound.allowed_addresses: " + guard.error());
  return *std::move(guard);
}

HealthOptions health_options(const Settings& settings) {
  return {.connect = connect_options(settings),
          .guard = outbound_guard(settings),
          .concurrency = static_cast<unsigned>(settings.integer("health.concurrency")),
          .per_host = static_cast<unsigned>(settings.integer("health.per_host")),
          .history_days = static_cast<int>(settings.integer("health.history_days"))};
}

FactOptions fact_options(const Settings& settings) {
  return {.caps_interval = std::chrono::milliseconds(settings.integer("facts.caps_interval_ms")),
          .clicks_interval = std::chrono::milliseconds(settings.integer("facts.clicks_interval_ms"))};
}

ConnectOptions options_for(const Settings& settings, std::string url) {
  return {std::move(url), "tributary-admin", 5,
          static_cast<std::uint32_t>(settings.integer("postgres.statement_timeout_ms"))};
}

}  // namespace

ConnectOptions connect_options(const Settings& settings) {
  return options_for(settings, secret_setting(settings, "postgres.url"));
}

ConnectOptions owner_options(const Settings& settings) {
  auto url = secret_setting(settings, "postgres.owner_url");
  auto options = options_for(settings, url.empty() ? secret_setting(settings, "postgres.url") : std::move(url));
  options.statement_timeout_ms = 0;  // a migration takes what it takes
  return options;
}

Runtime::Runtime(const Settings& settings, Purpose purpose)
    : pool_(connect_options(settings), static_cast<unsigned>(settings.integer("postgres.connections"))),
      signer_(jwt_secret(settings, purpose)),
      logins_(static_cast<unsigned>(settings.integer("login.failures")),
              std::chrono::seconds(settings.integer("login.window_s")), kLimiterKeys),
      pusher_(pool_, pusher_options(settings, purpose)),
      overlays_(pool_, pusher_options(settings, purpose)),
      health_(pool_, health_options(settings), [this] { overlays_.notify(); }),
      facts_(pool_, fact_options(settings), [this] { overlays_.notify(); }),
      visitors_(settings.text("geo.files"), settings.text("user_agents.rules")),
      source_presets_(load_source_presets(settings.text("presets_path"))),
      network_presets_(load_network_presets(settings.text("presets_path"))),
      services_{.pool = pool_,
                .signer = signer_,
                .passwords = passwords_,
                .logins = logins_,
                .pusher = pusher_,
                .health = health_,
                .source_presets = source_presets_,
                .network_presets = network_presets_,
                .schema_path = settings.text("schema_path"),
                .public_url = settings.text("public_url"),
                .secure_cookies = settings.boolean("cookies.secure"),
                .registration_open = settings.boolean("session.registration"),
                .trust_forwarded_address = settings.boolean("http.trust_forwarded_address"),
                .access_lifetime = std::chrono::seconds(settings.integer("jwt.lifetime_s")),
                .refresh_lifetime = std::chrono::seconds(settings.integer("session.lifetime_s")),
                .visitors = &visitors_},
      application_(services_) {}

void Runtime::start_background() {
  pusher_.start();
  overlays_.start();
  health_.start();
  facts_.start();
}

void Runtime::stop_background() noexcept {
  facts_.stop();
  health_.stop();
  overlays_.stop();
  pusher_.stop();
}

void Runtime::add_background_metrics(PrometheusWriter& out) const {
  overlays_.add_metrics(out);
  health_.add_metrics(out);
  facts_.add_metrics(out);
}

boost::json::value Runtime::call(const std::string& method, const std::string& target, const std::string& body) {
  http::Request request;
  request.method = method;
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  request.headers = {{"content-type", "application/json"}};
  request.body = body;
  request.peer = "unix";
  static const Principal kSystem{.user = {}, .team = {}, .role = "admin", .session = {}, .api_key = {}};
  const auto response = application_.handle_as(request, kSystem);
  if (response.status >= 300) throw std::runtime_error(method + " " + target + ": " + response.body);
  return response.body.empty() ? boost::json::value() : boost::json::parse(response.body);
}

}  // namespace tributary::admin
