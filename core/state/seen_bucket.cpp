#include "core/state/seen_bucket.h"

#include <algorithm>
#include <iterator>

#include "core/state/seen_word.h"

namespace tributary {

namespace {

// 0 for what may be overwritten without loss, else later for who was seen later.
std::uint64_t age_key(std::uint64_t word, std::uint64_t now) noexcept {
  return is_void(word, now) ? 0 : minute_of(word);
}

}  // namespace

// False for what a growth has copied to its new home: it stays behind until it is the oldest.
bool SeenPlaces::is_home_of(std::uint64_t tag) const noexcept {
  return bucket_of(bucket_, tag, buckets_) == bucket_;
}

SeenPlaces::Look SeenPlaces::look(std::uint64_t tag, std::uint64_t now) const noexcept {
  SeenBucket copy;
  Look found;
  for (std::size_t i = 0; i < std::size(copy.words); ++i) {
    const std::uint64_t word = copy.words[i] = shared_word(words_[i]).load(std::memory_order_relaxed);
    if (tag_of(word) == tag && !is_void(word, now) && minute_of(word) >= minute_of(found.entry)) {
      found.entry = word;
      found.entry_at = i;
    }
  }
  if (found.entry == 0) {
    const auto older = [now](std::uint64_t a, std::uint64_t b) { return age_key(a, now) < age_key(b, now); };
    found.oldest_at = static_cast<std::size_t>(std::ranges::min_element(copy.words, older) - copy.words);
    found.oldest = copy.words[found.oldest_at];
  }
  return found;
}

bool SeenPlaces::replace(std::size_t place, std::uint64_t old_word, std::uint64_t new_word) noexcept {
  return shared_word(words_[place]).compare_exchange_strong(old_word, new_word, std::memory_order_seq_cst);
}

SeenTable::Sighting SeenPlaces::visit(const SeenVisit& visit) noexcept {
  for (;;) {
    const Look found = look(visit.tag, visit.now);
    const std::uint64_t minute = minute_of(found.entry);
    if (found.entry != 0) {
      const bool known = inside_window(minute, visit.now, visit.window_s);
      if (known && (!visit.refresh || minute >= visit.now)) {
        return {.known = true};
      }
      if (replace(found.entry_at, found.entry, seen_word(visit.tag, visit.now))) {
        return {.known = known};
      }
      continue;
    }
    const std::uint64_t key = age_key(found.oldest, visit.now);
    // Not before who goes, also when the clock was put back: times in a bucket only grow.
    if (replace(found.oldest_at, found.oldest, seen_word(visit.tag, std::max(visit.now, key)))) {
      return {.evicted = key != 0 && is_home_of(tag_of(found.oldest)) && inside_window(key, visit.now, visit.window_s)};
    }
  }
}

std::uint64_t SeenPlaces::find(std::uint64_t tag, std::uint64_t now) const noexcept {
  return look(tag, now).entry;
}

void SeenPlaces::adopt(std::uint64_t word) noexcept {
  for (;;) {
    const Look found = look(tag_of(word), kMinuteMask);  // there is no clock here that could tell what is void
    const bool held = found.entry != 0;
    const std::uint64_t rival = held ? found.entry : found.oldest;
    const std::uint64_t rival_key = held ? minute_of(rival) : age_key(rival, kMinuteMask);
    if (rival_key >= minute_of(word) || replace(held ? found.entry_at : found.oldest_at, rival, word)) {
      return;
    }
  }
}

}  // namespace tributary
