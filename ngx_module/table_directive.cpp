#include "ngx_module/table_directive.h"

#include <bit>
#include <string_view>

#include "ngx_module/str.h"

// DOC: docs/directives.md, docs/state.md
namespace tributary {
namespace {

constexpr std::string_view kSize = "size=";
constexpr std::string_view kSlots = "slots=";

const ngx_str_t& argument(ngx_conf_t* cf) noexcept {
  return static_cast<ngx_str_t*>(cf->args->elts)[1];
}

char* read_slots(ngx_conf_t* cf, Limits limits, std::uint32_t& out) noexcept {
  const std::string_view option = view(argument(cf));
  if (!option.starts_with(kSlots)) return refuse_option(cf, option, "slots=N");
  ngx_str_t digits = ngx_view(option.substr(kSlots.size()));
  const ssize_t slots = ngx_parse_size(&digits);
  if (!limits.hold(slots)) {
    return refuse(cf, "invalid number \"%V\": write slots=N from %uL to %uL, as 200000 or 1m", &digits,
                  std::uint64_t{limits.least}, std::uint64_t{limits.most});
  }
  out = static_cast<std::uint32_t>(slots);
  return NGX_CONF_OK;
}

char* read_buckets(ngx_conf_t* cf, Limits limits, std::size_t bucket_bytes, std::uint32_t& out) noexcept {
  const std::string_view option = view(argument(cf));
  if (!option.starts_with(kSize)) return refuse_option(cf, option, "size=SIZE");
  std::size_t bytes = 0;
  const Limits in_bytes{limits.least * bucket_bytes, limits.most * bucket_bytes};
  if (!parse_size(cf, option, kSize.size(), in_bytes, bytes)) return failed_conf();
  if (!std::has_single_bit(bytes)) {
    return refuse(cf, "invalid size in \"%V\": write a power of two, as 8m or 16m", &argument(cf));
  }
  out = static_cast<std::uint32_t>(bytes / bucket_bytes);
  return NGX_CONF_OK;
}

}  // namespace

char* set_table_size(ngx_conf_t* cf, MainConf& conf, const TableSize& table) noexcept {
  bool& given = conf.given_tables.*table.given;
  if (given) return const_cast<char*>("is duplicate");
  given = true;
  std::uint32_t& records = conf.tables.*table.records;
  return table.bucket_bytes == 0 ? read_slots(cf, table.limits, records)
                                 : read_buckets(cf, table.limits, table.bucket_bytes, records);
}

}  // namespace tributary
