#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/journal/format.h"

// The names of a journal's files. Everything that belongs to one journal starts with its uuid.
namespace tributary {

inline constexpr std::size_t kJournalIdTextSize = 36;
std::string journal_id_text(const JournalId& id);  // lower case
std::optional<JournalId> parse_journal_id(std::string_view text) noexcept;
JournalId random_journal_id();

std::string ring_name(const JournalId& id);         // <uuid>.ring
std::string reader_lock_name(const JournalId& id);  // <uuid>.reader

// <uuid>-<first position, 16 hex>.segment, or with `copy` > 0 <uuid>-<first>.<copy>.segment: a later file that begins
// at the same position, because the earlier one became suspect or its writer died.
struct SegmentName {
  JournalId id{};
  Position first = 0;
  std::uint32_t copy = 0;
};
std::string segment_name(const SegmentName& name);
std::optional<SegmentName> parse_segment_name(std::string_view text) noexcept;

// Under which a file is made before it gets its name; `serial` keeps several apart.
std::string temporary_name(const JournalId& id, std::uint32_t serial);  // <uuid>.<serial>.tmp

std::string join_path(const std::string& directory, std::string_view name);

}  // namespace tributary
