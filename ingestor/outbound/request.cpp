#include "ingestor/outbound/request.h"

#include "core/url/conversion_macro.h"
#include "core/url/postback_template.h"

namespace tributary::ingest {
namespace {

class EntryMacros final : public MacroSource {
 public:
  explicit EntryMacros(const OutboxEntry& entry) : entry_(entry) {}
  std::string_view value(Macro macro) noexcept override {
    const auto found = entry_.values.find(conversion_macro::name(macro));
    return found == entry_.values.end() ? std::string_view() : found->second;
  }

 private:
  const OutboxEntry& entry_;
};

// Throws what is wrong with the template as runtime_error.
std::string fill_in(const std::string& text, PostbackPart part, const OutboxEntry& entry) {
  const auto compiled = compile_postback(text, part);
  if (!compiled) throw std::runtime_error(compiled.error().reason);
  EntryMacros macros(entry);
  std::string out;
  if (part == PostbackPart::json) {
    out = render_json(compiled->text, compiled->parts, macros);
  } else {
    out.resize(part == PostbackPart::form ? kMaxRenderedBody : kMaxRenderedUrl);
    out.resize(render_template(compiled->text, compiled->parts, macros, out));
  }
  if (out.empty() && !text.empty()) throw std::runtime_error("it is too long once its macros are filled in");
  return out;
}

}  // namespace

MadeRequest make_request(const OutboxEntry& entry, const OutboundSettings& settings) {
  MadeRequest made;
  OutboundRequest& request = made.request;
  request.method = entry.method;
  request.timeout = settings.timeout;
  request.connect_timeout = settings.connect_timeout;
  request.headers = entry.headers;
  request.headers.push_back("User-Agent: Tributary/" TRIBUTARY_VERSION);
  const auto key = entry.values.find("idempotency_key");
  if (key != entry.values.end()) request.headers.push_back("Idempotency-Key: " + key->second);
  try {
    request.url = fill_in(entry.url, PostbackPart::url, entry);
    if (entry.method != "POST") return made;
    const bool json = entry.content_type == "application/json";
    made.body = fill_in(entry.body, json ? PostbackPart::json : PostbackPart::form, entry);
    request.headers.push_back("Content-Type: " + (json ? entry.content_type : "application/x-www-form-urlencoded"));
    request.body = std::make_shared<const std::vector<std::uint8_t>>(made.body.begin(), made.body.end());
  } catch (const std::runtime_error& error) {
    made.error = std::string("the template cannot be filled in: ") + error.what();
  }
  return made;
}

std::string failure_of(const OutboxEntry& entry, const OutboundAnswer& answer) {
  if (!answer.error.empty()) return answer.error;
  if (answer.status < entry.first_success || answer.status > entry.last_success) {
    return "answered " + std::to_string(answer.status);
  }
  if (answer.body.find(entry.success_substring) == std::string::npos) {
    return "the answer does not hold \"" + entry.success_substring + "\"";
  }
  return {};
}

}  // namespace tributary::ingest
