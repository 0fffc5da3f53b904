#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cctype>

#include "admin-api/resources/resource.h"
#include "admin-api/text/formats.h"
#include "core/money/money.h"
#include "core/url/url_template.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;
using Value = std::optional<std::string>;  // none: not valid, `reason` says why

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Value check_text(const Field& field, std::string_view text, std::string& reason) {
  const auto length = static_cast<std::int64_t>(characters(text));
  if (length < field.min || length > field.max) {
    reason = "must have " + std::to_string(field.min) + " to " + std::to_string(field.max) + " characters";
  } else if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    reason = "must not hold control characters";
  } else {
    return std::string(text);
  }
  return std::nullopt;
}

Value check_word(const Field& field, std::string_view text, std::string& reason) {
  if (std::find(field.words.begin(), field.words.end(), text) != field.words.end()) return std::string(text);
  reason = "must be one of";
  for (const auto& word : field.words) reason += " " + word;
  return std::nullopt;
}

Value check_money(const Field& field, std::string_view text, std::string& reason) {
  const auto micros = text.find(',') == std::string_view::npos
                          ? parse_money(text)
                          : Result<std::int64_t, MoneyError>(MoneyError::malformed);
  if (!micros) {
    reason = "must be a decimal text such as \"1.25\" with at most six decimals";
    return std::nullopt;
  }
  if (*micros < field.min * kMicrosPerUnit) {
    reason = "must be at least " + std::to_string(field.min);
    return std::nullopt;
  }
  std::array<char, 32> out{};
  return std::string(format_money(*micros, out));
}

Value check_url(std::string_view text, std::string& reason) {
  auto compiled = compile_template(text);
  if (compiled) return std::string(text);
  reason = compiled.error().reason;
  return std::nullopt;
}

Value check_string(const Field& field, std::string_view text, std::string& reason) {
  switch (field.kind) {
    case FieldKind::text: return check_text(field, text, reason);
    case FieldKind::word: return check_word(field, text, reason);
    case FieldKind::money: return check_money(field, text, reason);
    case FieldKind::url: return check_url(text, reason);
    case FieldKind::currency: {
      const auto code = parse_currency(text);
      if (!code.empty() && code == text) return std::string(code);
      reason = "must be an ISO 4217 code such as USD";
      return std::nullopt;
    }
    case FieldKind::uuid:
      if (is_uuid(text)) return std::string(text);
      reason = "must be a UUID";
      return std::nullopt;
    default:
      if (is_timestamp(text)) return std::string(text);
      reason = "must be a time such as 2026-01-31T12:00:00Z";
      return std::nullopt;
  }
}

// The text that goes to PostgreSQL.
Value check_value(const Field& field, const json::value& value, std::string& reason) {
  if (field.kind == FieldKind::integer) {
    if (value.is_int64() && value.get_int64() >= field.min && value.get_int64() <= field.max) {
      return std::to_string(value.get_int64());
    }
    reason = "must be an integer from " + std::to_string(field.min) + " to " + std::to_string(field.max);
    return std::nullopt;
  }
  if (field.kind == FieldKind::boolean) {
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    reason = "must be true or false";
    return std::nullopt;
  }
  if (value.is_string()) return check_string(field, {value.get_string().data(), value.get_string().size()}, reason);
  reason = "must be a text";
  return std::nullopt;
}

void check_field(const Field& field, const json::value& value, const std::string& path,
                 std::vector<ColumnValue>& columns, std::vector<FieldProblem>& problems) {
  if (value.is_null()) {
    if (!field.is(Field::nullable)) return problems.push_back({path, "must not be null"});
    if (field.kind != FieldKind::part) columns.push_back({field.name, std::nullopt});
    return;
  }
  if (field.kind == FieldKind::json || field.kind == FieldKind::part) {
    field.check(value, path, problems);
    if (field.kind == FieldKind::json) columns.push_back({field.name, json::serialize(value)});
    return;
  }
  std::string reason;
  auto text = check_value(field, value, reason);
  if (!text) return problems.push_back({path, reason});
  if (field.check) field.check(value, path, problems);
  if (!field.is(Field::write_only)) columns.push_back({field.name, std::move(text)});
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name) noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

const Field* Resource::find(std::string_view field) const noexcept {
  return find_field(fields, field);
}

std::vector<ColumnValue> check_members(const std::vector<Field>& fields, const json::object& object,
                                       const std::string& path, bool creating, std::vector<FieldProblem>& problems) {
  std::vector<ColumnValue> columns;
  for (const auto& item : object) {
    const std::string name = path + std::string(item.key());
    const auto* field = find_field(fields, item.key());
    if (field == nullptr) {
      problems.push_back({name, "is not known"});
    } else if (field->is(Field::read_only)) {
      problems.push_back({name, "cannot be set"});
    } else if (field->is(Field::fixed) && !creating) {
      problems.push_back({name, "cannot be changed"});
    } else {
      check_field(*field, item.value(), name, columns, problems);
    }
  }
  for (const auto& field : fields) {
    if (creating && field.is(Field::required) && !object.contains(field.name)) {
      problems.push_back({path + field.name, "is required"});
    }
  }
  return columns;
}

std::vector<ColumnValue> require_members(const std::vector<Field>& fields, const json::object& body, bool creating) {
  std::vector<FieldProblem> problems;
  auto columns = check_members(fields, body, "", creating, problems);
  if (!problems.empty()) throw invalid_fields(std::move(problems));
  return columns;
}

std::optional<std::string> value_of(const std::vector<ColumnValue>& columns, std::string_view name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const auto& item) { return item.column == name; });
  return found == columns.end() ? std::nullopt : found->value;
}

std::vector<ColumnValue> validate(const Resource& resource, const json::object& body, bool creating) {
  return require_members(resource.fields, body, creating);
}

}  // namespace tributary::admin
