#include "core/journal/journal_stream.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tributary {
namespace {

// Zeros of at least this length inside damaged bytes were never written, or were lost by the disk.
constexpr std::size_t kZeroRun = 4096;
constexpr std::size_t kUnit = kRecordAlignment;
// How often a disk is asked again at once for what it could not give back.
constexpr int kUnreadableTries = 3;

bool is_zero(const char* unit) noexcept {
  static constexpr std::array<char, kUnit> kZeros{};
  return std::memcmp(unit, kZeros.data(), kUnit) == 0;
}

std::size_t leading_zeros(std::span<const char> bytes) noexcept {
  std::size_t zeros = 0;
  while (zeros + kUnit <= bytes.size() && is_zero(bytes.data() + zeros)) zeros += kUnit;
  return zeros;
}

// The length of `bytes` up to the first long run of zeros.
std::size_t before_zero_run(std::span<const char> bytes) noexcept {
  std::size_t at = 0;
  while (at + kUnit <= bytes.size()) {
    std::size_t zeros = leading_zeros(bytes.subspan(at, std::min(kZeroRun, bytes.size() - at)));
    if (zeros >= kZeroRun) return at;
    at += zeros + kUnit;
  }
  return bytes.size();
}

}  // namespace

JournalStream::JournalStream(std::string journal_path, const JournalId& id, Position from, DiskPatience::ClockMs clock)
    : codec_(id), catalog_(std::move(journal_path), id), patience_(clock), position_(from) {
  catalog_.rescan();
}

void JournalStream::refresh() noexcept {
  current_ = nullptr;
  final_ = false;
  ended_ = false;
}

std::optional<JournalItem> JournalStream::next(Position limit) {
  if (position_ >= limit || ended_ || patience_.pauses()) return std::nullopt;
  Found found = look(current_, limit);
  if (!found.whole) found = find(limit);
  if (!found.whole && !final_) {
    if (catalog_.rescan() != 0) return std::nullopt;
    final_ = limit == kNoLimit;
    found = find(limit);
  }
  if (!found.whole && !ask_again(found, limit)) return std::nullopt;
  if (catalog_.take_stalled()) return std::nullopt;
  if (found.view != nullptr) return take(found, limit);
  return read_hole(limit);
}

JournalStream::Found JournalStream::look(SegmentView* view, Position limit) {
  Found found;
  if (view == nullptr) return found;
  auto head = view->bytes(position_, sizeof(RecordHeader), limit);
  if (head.size() < sizeof(RecordHeader) || !codec_.check_header(head.data(), position_, found.header)) return found;
  std::size_t size = record_size(found.header.length);
  auto whole = view->bytes(position_, size, limit);
  if (whole.size() < size) return found;
  found.view = view;
  found.whole = RecordCodec::check_payload(found.header, whole.subspan(sizeof(RecordHeader), found.header.length));
  return found;
}

JournalStream::Found JournalStream::find(Position limit) {
  current_ = nullptr;  // may be closed now
  Found best;
  for (SegmentView* view : catalog_.views_at(position_)) {
    Found found = look(view, limit);
    if (found.whole) return found;
    if (found.view != nullptr && best.view == nullptr) best = found;
  }
  return best;
}

JournalItem JournalStream::take(const Found& found, Position limit) {
  std::size_t size = record_size(found.header.length);
  auto bytes = found.view->bytes(position_, size, limit);
  current_ = found.view;
  if (!found.whole) return item(JournalItem::Kind::damaged, position_ + size, bytes);
  return item(JournalItem::Kind::record, position_ + size, bytes.subspan(sizeof(RecordHeader), found.header.length));
}

// False when the disk fails and there is still hope.
bool JournalStream::ask_again(Found& found, Position limit) {
  for (int tries = 0; !found.whole && tries < kUnreadableTries && look_again(); ++tries) found = find(limit);
  const SegmentView* view = found.whole ? nullptr : unreadable_view();
  if (view != nullptr) return !patience_.waits(view->first());
  patience_.succeeded();
  return true;
}

const SegmentView* JournalStream::unreadable_view() {
  for (const SegmentView* view : catalog_.views_at(position_)) {
    if (view->was_unreadable()) return view;
  }
  return nullptr;
}

// False when the disk gave back all that it was asked for at this position.
bool JournalStream::look_again() {
  bool again = false;
  for (SegmentView* view : catalog_.views_at(position_)) {
    if (!view->was_unreadable()) continue;
    view->look_again();
    again = true;
  }
  return again;
}

std::optional<JournalItem> JournalStream::read_hole(Position limit) {
  auto views = catalog_.views_at(position_);
  HoleEnd end = find_hole_end(views, limit);
  if (catalog_.take_stalled()) return std::nullopt;
  if (end.position <= position_) return read_end(views);
  if (views.empty()) return item(JournalItem::Kind::gap, end.position, {});
  return hole_item(views.front(), end.position);
}

// Zeros that the disk did not give back may have been records: a gap, up to where the last of them may have stood.
std::optional<JournalItem> JournalStream::read_end(const std::vector<SegmentView*>& views) {
  Position end = position_;
  for (const SegmentView* view : views) {
    if (view->was_unreadable()) end = std::max(end, view->end());
  }
  if (end > position_) return item(JournalItem::Kind::gap, end, {});
  ended_ = true;
  return std::nullopt;
}

// The next place where a record or a segment begins; else `limit`; else where the last bytes that are not zero end.
JournalStream::HoleEnd JournalStream::find_hole_end(const std::vector<SegmentView*>& views, Position limit) {
  HoleEnd end{position_, false};
  Position bound = limit;
  if (auto next = catalog_.first_after(position_); next && *next < limit) {
    bound = *next;
    end.certain = true;
  }
  for (SegmentView* view : views) {
    for (Position at = position_; at < bound;) {
      auto bytes = view->bytes(at, kZeroRun, bound);
      if (bytes.size() < kUnit) break;
      for (std::size_t i = 0; i + kUnit <= bytes.size(); i += kUnit, at += kUnit) {
        RecordHeader header;
        if (is_zero(bytes.data() + i)) continue;
        if (at > position_ && codec_.check_header(bytes.data() + i, at, header)) {
          bound = at;
          end.certain = true;
          break;
        }
        end.position = std::max(end.position, at + kUnit);
      }
    }
  }
  if (end.certain || limit != kNoLimit) end.position = bound;
  return end;
}

// The first part of the hole that is all gap or all damaged.
JournalItem JournalStream::hole_item(SegmentView* view, Position end) {
  Position at = position_;
  auto bytes = view->bytes(at, kZeroRun, end);
  std::size_t zeros = leading_zeros(bytes);
  if (zeros == 0 && bytes.size() >= kUnit) {
    bytes = view->bytes(at, kMaxRecordSize, end);
    bytes = bytes.first(before_zero_run(bytes.first(bytes.size() / kUnit * kUnit)));
    return item(JournalItem::Kind::damaged, at + bytes.size(), bytes);
  }
  while (zeros > 0 && zeros == bytes.size()) {
    at += zeros;
    bytes = view->bytes(at, kZeroRun, end);
    zeros = leading_zeros(bytes);
  }
  // Bytes that follow after less than a run of zeros begin an item of their own; where the file ends, the gap goes on.
  at += zeros;
  return item(JournalItem::Kind::gap, bytes.size() < kUnit ? end : at, {});
}

JournalItem JournalStream::item(JournalItem::Kind kind, Position next, std::span<const char> bytes) {
  JournalItem made{kind, position_, next, bytes};
  position_ = next;
  return made;
}

}  // namespace tributary
