#include "admin-api/explain/explain_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "admin-api/api/problem.h"
#include "admin-api/text/formats.h"
#include "core/base/ascii.h"
#include "core/event/event.h"
#include "core/request/path.h"
#include "core/request/prefetch.h"
#include "core/request/query.h"
#include "platform/http/message.h"
#include "platform/net/ip_address.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsualPrefix = "/c/";

// Takes fields out of the body and collects what is wrong with them.
class Reader {
 public:
  explicit Reader(const json::object& body) : body_(body) {}

  void allow_only(std::initializer_list<std::string_view> names) {
    for (const auto& item : body_) {
      const std::string_view name(item.key().data(), item.key().size());
      if (std::find(names.begin(), names.end(), name) == names.end()) refuse(std::string(name), "is not known here");
    }
  }

  std::string text(const char* name, std::size_t most) {
    const auto* value = body_.if_contains(name);
    if (value == nullptr || value->is_null()) return {};
    if (value->is_string() && value->get_string().size() <= most) return std::string(value->get_string());
    refuse(name, "must be a text of at most " + std::to_string(most) + " bytes");
    return {};
  }

  std::optional<std::uint64_t> number(const char* name) {
    const auto* value = body_.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
    refuse(name, "must be a whole number from 0");
    return std::nullopt;
  }

  const json::object& body() const noexcept { return body_; }
  void refuse(std::string field, std::string reason) { problems_.push_back({std::move(field), std::move(reason)}); }
  void finish() {
    if (!problems_.empty()) throw invalid_fields(std::move(problems_));
  }

 private:
  const json::object& body_;
  std::vector<FieldProblem> problems_;
};

int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  std::from_chars(text.data() + at, text.data() + at + count, number);
  return number;
}

// RFC 3339; nothing for a day that the calendar does not have.
std::optional<std::uint64_t> parse_timestamp(std::string_view text) {
  if (!is_timestamp(text)) return std::nullopt;
  using namespace std::chrono;
  const year_month_day day{year(digits_at(text, 0, 4)), month(static_cast<unsigned>(digits_at(text, 5, 2))),
                           std::chrono::day(static_cast<unsigned>(digits_at(text, 8, 2)))};
  const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::int64_t ms = (sys_days(day).time_since_epoch().count() * 86'400LL + hour * 3600 + minute * 60 + second) * 1000;
  text.remove_prefix(19);
  if (text.starts_with('.')) {
    const std::size_t end = text.find_first_not_of("0123456789", 1);
    ms += digits_at(std::string(text.substr(1, std::min<std::size_t>(3, end - 1))) + "00", 0, 3);
    text.remove_prefix(end);
  }
  if (text != "Z") {
    const int offset_ms = (digits_at(text, 1, 2) * 60 + digits_at(text, 4, 2)) * 60'000;
    ms -= text.front() == '-' ? -offset_ms : offset_ms;
  }
  return ms < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(ms));
}

std::optional<Generation> parse_generation(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  Generation generation;
  const auto whole = [](std::string_view part, auto& number) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    return error == std::errc{} && end == part.data() + part.size();
  };
  const bool good = whole(text.substr(0, dash), generation.epoch) && whole(text.substr(dash + 1), generation.counter);
  return good ? std::optional(generation) : std::nullopt;
}

// As nginx reads it: without empty segments, "." and "..".
std::string normalised_path(std::string_view path) {
  std::vector<std::string_view> segments;
  std::string_view last;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash before it
    last = path.substr(0, path.find('/'));
    path.remove_prefix(last.size());
    if (last == ".." && !segments.empty()) {
      segments.pop_back();
    } else if (!last.empty() && last != "." && last != "..") {
      segments.push_back(last);
    }
  }
  std::string whole;
  for (const auto segment : segments) whole.append("/").append(segment);
  const bool ends_with_slash = last.empty() || last == "." || last == "..";
  return ends_with_slash ? whole + "/" : whole;
}

// https://host:port/path?query#fragment, or from the path on.
void read_url(Reader& reader, AskedClick& click) {
  const std::string whole = reader.text("url", kMaxExplainedUrl);
  if (whole.empty()) return reader.refuse("url", "is required: the URL that the visitor opened");
  std::string_view url = whole;
  url = url.substr(0, url.find('#'));
  const std::size_t scheme = url.find("://");
  const bool absolute = scheme != std::string_view::npos && scheme < url.find_first_of("/?");
  if (!absolute && !url.starts_with('/')) return reader.refuse("url", "must begin with http://, https:// or /");
  if (absolute) {
    const auto name = url.substr(0, scheme);
    if (!ascii::equal_ignoring_case(name, "http") && !ascii::equal_ignoring_case(name, "https")) {
      return reader.refuse("url", "must begin with http://, https:// or /");
    }
    url.remove_prefix(scheme + 3);
    const std::size_t end = std::min(url.find_first_of("/?"), url.size());
    std::array<char, 256> buffer;
    click.host = normalise_host(url.substr(0, end), buffer);
    if (click.host.empty()) return reader.refuse("url", "its host is no host name and no address");
    url.remove_prefix(end);
  }
  const std::size_t question = url.find('?');
  if (question != std::string_view::npos) click.query = url.substr(question + 1);
  std::string path;
  if (!http::percent_decode(url.substr(0, question), path, false)) {
    return reader.refuse("url", "its path has a malformed escape");
  }
  const std::string prefix = reader.text("prefix", 256);
  path = normalised_path(path);
  std::string_view tail = path_behind(path, prefix.empty() ? kUsualPrefix : std::string_view(prefix));
  click.slug = take_segment(tail);
}

void read_headers(Reader& reader, AskedClick& click) {
  const auto* value = reader.body().if_contains("headers");
  if (value == nullptr || value->is_null()) return;
  if (!value->is_object() || value->get_object().size() > kMaxExplainedHeaders) {
    return reader.refuse("headers", "must be an object of at most " + std::to_string(kMaxExplainedHeaders) + " texts");
  }
  for (const auto& item : value->get_object()) {
    std::string name(item.key().data(), item.key().size());
    if (!item.value().is_string() || item.value().get_string().size() > kMaxExplainedText) {
      reader.refuse("headers." + name, "must be a text of at most " + std::to_string(kMaxExplainedText) + " bytes");
      continue;
    }
    std::transform(name.begin(), name.end(), name.begin(), ascii::to_lower);
    click.headers[name] = item.value().get_string();
  }
}

void read_address(Reader& reader, AskedClick& click) {
  const std::string text = reader.text("ip", 64);
  if (text.empty()) return;
  const auto address = IpAddress::parse(text);
  if (!address) return reader.refuse("ip", "must be an IPv4 or IPv6 address");
  click.address.assign(address->bytes.begin() + (address->is_v4() ? 12 : 0), address->bytes.end());
}

// What a browser says in a header has a field of its own too; the field counts.
std::string field_or_header(Reader& reader, AskedClick& click, const char* field, const char* header) {
  std::string text = reader.text(field, kMaxExplainedText);
  const auto found = click.headers.find(header);
  if (text.empty()) return found == click.headers.end() ? std::string() : found->second;
  click.headers[header] = text;
  return text;
}

void read_labels(Reader& reader, AskedClick& click) {
  const std::string method = reader.text("method", 8);
  if (!method.empty() && method != "GET" && method != "HEAD") reader.refuse("method", "must be GET or HEAD");
  if (method == "HEAD") click.labels |= kLabelHead;
  for (const char* name : {"sec-purpose", "purpose", "x-moz"}) {
    const auto found = click.headers.find(name);
    if (found != click.headers.end() && says_prefetch(found->second)) click.labels |= kLabelPrefetch;
  }
}

void read_choices(Reader& reader, AskedClick& click) {
  click.turn = reader.number("turn");
  const std::string generation = reader.text("generation", 40);
  if (!generation.empty()) {
    click.generation = parse_generation(generation);
    if (!click.generation) reader.refuse("generation", "must be EPOCH-COUNTER, as in 1-42");
  }
}

}  // namespace

AskedClick read_asked_click(const json::object& body, std::uint64_t now_ms) {
  Reader reader(body);
  reader.allow_only({"url", "prefix", "ip", "user_agent", "referrer", "language", "headers", "method", "at",
                     "generation", "turn", "draw"});
  AskedClick click;
  read_url(reader, click);
  read_headers(reader, click);
  read_address(reader, click);
  click.user_agent = field_or_header(reader, click, "user_agent", "user-agent");
  click.referrer = field_or_header(reader, click, "referrer", "referer");
  click.language = field_or_header(reader, click, "language", "accept-language");
  read_labels(reader, click);
  read_choices(reader, click);
  click.draw = reader.number("draw").value_or(0);
  if (click.draw > 65'535) reader.refuse("draw", "must be at most 65535");
  const std::string at = reader.text("at", 64);
  const auto at_ms = at.empty() ? std::optional(now_ms) : parse_timestamp(at);
  if (!at_ms) reader.refuse("at", "must be a time with a zone, as in 2026-01-31T12:00:00Z");
  click.now_ms = at_ms.value_or(0);
  reader.finish();
  return click;
}

void read_replay(const json::object& body, AskedClick& click) {
  Reader reader(body);
  reader.allow_only({"click", "generation", "turn"});
  read_choices(reader, click);
  reader.finish();
}

}  // namespace tributary::admin
