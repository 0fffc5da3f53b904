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

void write_click(BinaryWriter& out, const ClickIdentity& id) {
  if (id.empty()) return out.null();
  out.uuid(id.high, id.low);
}

void write_record(BinaryWriter& out, const EventHeader& header, const RowIdentity& identity) {
  out.int8(static_cast<std::int64_t>(identity.position));
  out.int8(0);  // batch
  out.int8(static_cast<std::int64_t>(header.generation));
  out.int4(static_cast<std::int32_t>(header.epoch));
  out.int4(static_cast<std::int32_t>(identity.journal));
  out.int2(static_cast<std::int16_t>(header.edge));
  out.int2(static_cast<std::int16_t>(header.slot));
}

void write_cost(BinaryWriter& out, const Tracking& tracking) {
  if (tracking.cost_micros == 0) {
    out.null();  // the query named none
  } else {
    out.money(tracking.cost_micros);
  }
  write_text(out, tracking.currency);
}

void write_request(BinaryWriter& out, const Visit& visit, const Tracking& tracking) {
  out.inet(visit.address);
  for (const std::string_view text :
       {visit.user_agent, visit.referrer, visit.language, visit.host, visit.query, visit.headers, tracking.external_id,
        tracking.keyword, tracking.utm_source, tracking.utm_medium, tracking.utm_campaign, tracking.utm_content,
        tracking.utm_term}) {
    write_text(out, text);
  }
  write_numbered(out, tracking.sub_ids);
}

void write_visitor(BinaryWriter& out, const VisitorFacts& facts, std::uint32_t labels) {
  const auto& [place, agent, agent_known] = facts;
  for (const std::string_view text : {place.country, place.continent, place.region, place.city, place.isp}) {
    write_text(out, text);
  }
  if (place.asn == 0) {
    out.null();
  } else {
    out.int8(place.asn);
  }
  for (const std::string_view text : {place.connection, device_type_name(agent.device), agent.brand, agent.model,
                                      agent.os, agent.os_version, agent.browser, agent.browser_version}) {
    write_text(out, text);
  }
  if (agent_known || (labels & kLabelBot) != 0) {
    out.boolean(agent.bot || (labels & kLabelBot) != 0);
  } else {
    out.null();
  }
}

std::string copy_target(std::string_view table, std::initializer_list<std::string_view> column_lists) {
  std::string target(table);
  const char* before = " (";
  for (const std::string_view columns : column_lists) {
    target.append(before).append(columns);
    before = ", ";
  }
  return target + ')';
}

}  // namespace tributary::ingest
