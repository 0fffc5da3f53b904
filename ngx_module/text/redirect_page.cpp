#include "ngx_module/text/redirect_page.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tributary {
namespace {

// Counts, and writes when there is somewhere to write to.
class PageWriter {
 public:
  explicit PageWriter(char* out) noexcept : out_(out) {}

  void put(std::string_view text) noexcept {
    if (out_ != nullptr) out_ = std::copy(text.begin(), text.end(), out_);
    size_ += text.size();
  }

  void number(std::uint32_t n) noexcept {
    std::array<char, 10> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
    put({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  // For a quoted attribute.
  void html(std::string_view text) noexcept {
    for (const char& c : text) {
      switch (c) {
        case '&': put("&amp;"); break;
        case '<': put("&lt;"); break;
        case '>': put("&gt;"); break;
        case '"': put("&quot;"); break;
        case '\'': put("&#39;"); break;
        default: put({&c, 1});
      }
    }
  }

  // Between double quotes, for JSON and for a script inside HTML: no byte here ends the string, the script or the tag.
  void script(std::string_view text) noexcept {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char& c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = byte >= 0x20 && byte < 0x7f && std::string_view("\"\\<>&'").find(c) == std::string_view::npos;
      if (plain) {
        put({&c, 1});
      } else {
        put("\\u00");
        put(kHex.substr(byte >> 4, 1));
        put(kHex.substr(byte & 15, 1));
      }
    }
  }

  std::size_t size() const noexcept { return size_; }

 private:
  char* out_;
  std::size_t size_ = 0;
};

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Redirecting</title>"
    "<meta name=\"robots\" content=\"noindex,nofollow\">";
constexpr std::string_view kNoReferrer = "<meta name=\"referrer\" content=\"no-referrer\">";

void put_refresh(PageWriter& out, std::string_view url) noexcept {
  out.put("<meta http-equiv=\"refresh\" content=\"0;url=");
  out.html(url);
  out.put("\">");
}

void put_script(PageWriter& out, std::string_view url) noexcept {
  out.put("<script>location.replace(\"");
  out.script(url);
  out.put("\")</script><noscript>");
  put_refresh(out, url);
  out.put("</noscript>");
}

void put_page(RedirectPage page, PageWriter& out, std::string_view url) noexcept {
  out.put(kHead);
  if (page == RedirectPage::hide_referrer) out.put(kNoReferrer);
  if (page == RedirectPage::javascript) {
    put_script(out, url);
  } else {
    put_refresh(out, url);
  }
  out.put("</head><body><a href=\"");
  out.html(url);
  out.put("\">Continue</a></body></html>\n");
}

void put_text(PageWriter& out, std::string_view name, std::string_view value) noexcept {
  out.put(name);
  out.put("\"");
  out.script(value);
  out.put("\"");
}

void put_decision(const PageValues& values, PageWriter& out) noexcept {
  put_text(out, "{\"click_id\":", values.click_id);
  put_text(out, ",\"url\":", values.url);
  put_text(out, ",\"reason\":", values.reason);
  out.put(",\"campaign_id\":");
  out.number(values.campaign);
  out.put(",\"stream_id\":");
  out.number(values.stream);
  out.put(",\"destination_id\":");
  out.number(values.destination);
  out.put("}");
}

}  // namespace

std::string_view page_type(RedirectPage page) noexcept {
  return page == RedirectPage::json ? "application/json" : "text/html; charset=utf-8";
}

std::size_t write_page(RedirectPage page, const PageValues& values, char* out) noexcept {
  PageWriter writer(out);
  if (page == RedirectPage::json) {
    put_decision(values, writer);
  } else {
    put_page(page, writer, values.url);
  }
  return writer.size();
}

}  // namespace tributary
