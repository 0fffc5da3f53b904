#include "ingestor/events/columns.h"

#include "core/base/utf8.h"

namespace tributary::ingest {

void write_text(BinaryWriter& out, std::string_view text) {
  if (text.empty()) return out.null();
  if (is_clean_text(text)) return out.text(text);
  std::string cleaned;
  append_clean_text(text, cleaned);
  out.text(cleaned);
}

void write_numbered(BinaryWriter& out, std::span<const std::string_view> values) {
  std::size_t count = values.size();
  while (count != 0 && values[count - 1].empty()) --count;
  if (count == 0) return out.null();
  const std::size_t mark = out.begin_array(oid::kText, static_cast<std::uint32_t>(count), true);
  for (const std::string_view value : values.first(count)) write_text(out, value);
  out.end_field(mark);
}

void write_visit(BinaryWriter& out, const Visit& visit) {
  out.inet(visit.address);
  for (const std::string_view text : {visit.user_agent, visit.referrer, visit.language, visit.host, visit.query}) {
    write_text(out, text);
  }
}

void write_cost(BinaryWriter& out, std::int64_t cost_micros, std::string_view currency) {
  if (cost_micros == 0) {
    out.null();
  } else {
    out.money(cost_micros);
  }
  write_text(out, currency);
}

}  // namespace tributary::ingest
