#include "ngx_module/address_privacy.h"

#include <sodium.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "ngx_module/directive_checks.h"
#include "ngx_module/guard.h"
#include "ngx_module/str.h"

// DOC: docs/directives.md
namespace tributary {
namespace {

constexpr std::string_view kKey = "key=";
constexpr std::string_view kRotate = "rotate=";
constexpr std::size_t kLeastSecret = 32;
constexpr std::size_t kMostSecret = 4096;
constexpr Limits kRotateLimits{60'000, 400ull * 86'400'000};

ngx_str_t& argument(ngx_conf_t* cf, ngx_uint_t i) noexcept {
  return static_cast<ngx_str_t*>(cf->args->elts)[i];
}

// Whatever is in the file is the secret; only its hash is kept.
char* read_secret(ngx_conf_t* cf, std::string_view name, MainConf& conf) {
  ngx_str_t path = ngx_view(name);
  if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return failed_conf();
  const std::string file_name(view(path));
  struct stat status {};
  std::ifstream file(file_name, std::ios::binary);
  std::string secret(kMostSecret + 1, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  if (::stat(file_name.c_str(), &status) != 0 || size < kLeastSecret || size > kMostSecret) {
    return refuse(cf,
                  "\"%V\" cannot be read or has not 32 to 4096 bytes: write the path of a file made by "
                  "head -c 32 /dev/urandom",
                  &path);
  }
  if ((status.st_mode & S_IRWXO) != 0) {
    return refuse(cf, "\"%V\" can be read by everybody, who then could undo the hashes: write chmod o= for it", &path);
  }
  crypto_generichash(conf.address_secret.data(), conf.address_secret.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), size, nullptr, 0);
  sodium_memzero(secret.data(), secret.size());
  return NGX_CONF_OK;
}

char* read_hash_option(ngx_conf_t* cf, ngx_uint_t i, MainConf& conf, bool& has_key) {
  const std::string_view option = view(argument(cf, i));
  if (option.starts_with(kKey) && !has_key) {
    has_key = true;
    return read_secret(cf, option.substr(kKey.size()), conf);
  }
  if (option.starts_with(kRotate) && conf.address_period_s == 0) {
    ngx_msec_t period_ms = 0;
    if (!parse_time(cf, option, kRotate.size(), kRotateLimits, period_ms)) return failed_conf();
    conf.address_period_s = static_cast<std::uint32_t>(period_ms / 1000);
    return NGX_CONF_OK;
  }
  return refuse_option(cf, option, "key=FILE and, if you like, rotate=TIME, each once");
}

char* read_hash_options(ngx_conf_t* cf, MainConf& conf) {
  bool has_key = false;
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    if (char* failed = read_hash_option(cf, i, conf, has_key); failed != NGX_CONF_OK) return failed;
  }
  if (!has_key) return refuse(cf, "hash needs a key: write key=FILE with the path of 32 secret bytes");
  return NGX_CONF_OK;
}

}  // namespace

char* address_privacy_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  if (conf->address_privacy_given) return const_cast<char*>("is duplicate");
  conf->address_privacy_given = true;
  const std::string_view mode = view(argument(cf, 1));
  if (mode == "hash") {
    conf->address_privacy = AddressPrivacy::hash;
    return guarded(cf->log, failed_conf(), [&] { return read_hash_options(cf, *conf); });
  }
  if ((mode != "keep" && mode != "truncate") || cf->args->nelts > 2) {
    return refuse_option(cf, view(argument(cf, cf->args->nelts - 1)), "keep, truncate or hash key=FILE [rotate=TIME]");
  }
  conf->address_privacy = mode == "keep" ? AddressPrivacy::keep : AddressPrivacy::truncate;
  return NGX_CONF_OK;
}

AddressMask::AddressMask(const MainConf& conf) noexcept
    : privacy_(conf.address_privacy), keys_(conf.address_secret, conf.address_period_s) {}

AddressBytes AddressMask::shown(AddressBytes address, std::uint64_t now_ms, std::span<std::uint8_t, 16> out) noexcept {
  return private_address(privacy_, address, keys_.at(now_ms), out);
}

}  // namespace tributary
