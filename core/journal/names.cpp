#include "core/journal/names.h"

#include <sys/random.h>

#include <charconv>
#include <cstdio>
#include <random>

namespace tributary {
namespace {

constexpr std::string_view kSegmentSuffix = ".segment";
constexpr char kHex[] = "0123456789abcdef";

bool is_dash_place(std::size_t i) noexcept {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

template <typename Number>
bool parse_whole(std::string_view text, Number& number, int base) noexcept {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string journal_id_text(const JournalId& id) {
  std::string text;
  text.reserve(kJournalIdTextSize);
  for (std::uint8_t byte : id) {
    if (is_dash_place(text.size())) text += '-';
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::optional<JournalId> parse_journal_id(std::string_view text) noexcept {
  if (text.size() != kJournalIdTextSize) return std::nullopt;
  JournalId id{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    id[digits / 2] = static_cast<std::uint8_t>(id[digits / 2] << 4 | value);
    ++digits;
  }
  return id;
}

JournalId random_journal_id() {
  JournalId id{};
  if (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    std::random_device device;
    for (auto& byte : id) byte = static_cast<std::uint8_t>(device());
  }
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);  // a version 4 uuid, so that tools show it as one
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

std::string ring_name(const JournalId& id) {
  return journal_id_text(id) + ".ring";
}
std::string reader_lock_name(const JournalId& id) {
  return journal_id_text(id) + ".reader";
}

std::string segment_name(const SegmentName& name) {
  char position[20];
  std::snprintf(position, sizeof(position), "-%016llx", static_cast<unsigned long long>(name.first));
  std::string text = journal_id_text(name.id) + position;
  if (name.copy > 0) text += '.' + std::to_string(name.copy);
  return text.append(kSegmentSuffix);
}

std::optional<SegmentName> parse_segment_name(std::string_view text) noexcept {
  constexpr std::size_t kPositionSize = 16;
  constexpr std::size_t kStem = kJournalIdTextSize + 1 + kPositionSize;
  if (!text.ends_with(kSegmentSuffix)) return std::nullopt;
  text.remove_suffix(kSegmentSuffix.size());
  if (text.size() < kStem || text[kJournalIdTextSize] != '-') return std::nullopt;
  auto id = parse_journal_id(text.substr(0, kJournalIdTextSize));
  SegmentName name;
  if (!id || !parse_whole(text.substr(kJournalIdTextSize + 1, kPositionSize), name.first, 16)) return std::nullopt;
  name.id = *id;
  text.remove_prefix(kStem);
  if (!text.empty() && (text[0] != '.' || !parse_whole(text.substr(1), name.copy, 10) || name.copy == 0)) {
    return std::nullopt;
  }
  return name;
}

std::string temporary_name(const JournalId& id, std::uint32_t serial) {
  return journal_id_text(id) + '.' + std::to_string(serial) + ".tmp";
}

std::string join_path(const std::string& directory, std::string_view name) {
  std::string path = directory;
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

}  // namespace tributary
