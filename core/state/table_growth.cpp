#include "core/state/table_growth.h"

namespace tributary {

void TableGrowth::set_growing_from(std::uint64_t old_records) noexcept {
  if (request_.growing != nullptr) {
    shared_word(header_.*request_.growing).store(old_records, std::memory_order_release);
  }
}

void TableGrowth::run() noexcept {
  const std::uint64_t old_records = records();
  const bool moves = request_.spread != nullptr && old_records > 0;
  if (moves) {
    set_growing_from(old_records);
    request_.spread(table_, old_records, request_.records);
  }
  shared_word(entry_.records).store(request_.records, std::memory_order_seq_cst);
  if (moves) {
    request_.spread(table_, old_records, request_.records);  // what came in under the old size meanwhile
    set_growing_from(0);
  }
}

void TableGrowth::complete_interrupted() noexcept {
  if (request_.growing == nullptr) {
    return;
  }
  const std::uint64_t from = shared_word(header_.*request_.growing).load(std::memory_order_relaxed);
  if (from != 0 && from < records()) {
    request_.spread(table_, from, records());
  }
  set_growing_from(0);
}

}  // namespace tributary
