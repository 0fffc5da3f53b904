#include "core/condition/regex_cache.h"

#include <re2/re2.h>

#include <algorithm>
#include <unordered_map>

#include "core/condition/limits.h"

namespace tributary {
namespace {

RE2::Options regex_options() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_never_capture(true);
  options.set_log_errors(false);  // would write to the error stream of nginx
  options.set_max_mem(kMaxRegexMemory);
  return options;
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};

struct Entry {
  explicit Entry(std::string_view pattern) : regex(std::string(pattern), regex_options()) {}
  RE2 regex;
  std::uint64_t used = 0;
};

}  // namespace

struct RegexCache::Impl {
  std::size_t capacity = 0;
  std::uint64_t clock = 0;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> entries;

  void make_room() {
    if (entries.size() >= capacity) {
      entries.erase(std::min_element(entries.begin(), entries.end(),
                                     [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    }
  }
};

RegexCache::RegexCache(std::size_t capacity) : impl_(std::make_unique<Impl>()) {
  impl_->capacity = std::max<std::size_t>(capacity, 1);
  impl_->entries.reserve(impl_->capacity);
}

RegexCache::~RegexCache() = default;

bool RegexCache::matches(std::string_view pattern, std::string_view text) noexcept {
  try {  // only memory can end: then the expression does not match, and is tried again next time
    auto found = impl_->entries.find(pattern);
    if (found == impl_->entries.end()) {
      impl_->make_room();
      found = impl_->entries.try_emplace(std::string(pattern), pattern).first;
      ++compilations_;
    }
    found->second.used = ++impl_->clock;
    return found->second.regex.ok() &&
           RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), found->second.regex);
  } catch (...) {
    return false;
  }
}

std::size_t RegexCache::size() const noexcept {
  return impl_->entries.size();
}

std::string regex_problem(std::string_view pattern, std::size_t& size) {
  const RE2 regex(std::string(pattern), regex_options());
  if (!regex.ok()) {
    return regex.error();
  }
  size = static_cast<std::size_t>(std::max(regex.ProgramSize(), 1));
  return size <= kMaxRegexSize ? std::string()
                               : "it has " + std::to_string(size) + " instructions, more than " +
                                     std::to_string(kMaxRegexSize) + ": repeat less";
}

}  // namespace tributary
