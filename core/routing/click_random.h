#pragma once

#include <xxhash.h>

#include <cstdint>
#include <string_view>

#include "core/base/random.h"
#include "core/click_id/click_id.h"
#include "core/routing/router.h"

namespace tributary {

// The random numbers of one click. They follow from its id, so a recorded click is decided again as it was, with
// nothing stored but the id; and the id is signed, so nobody can choose or foresee them. Costs nothing until asked.
class ClickRandom final : public RandomSource {
 public:
  // `text`: the signed id, empty when no key mints. Must live as long as this.
  ClickRandom(const ClickIdentity& id, std::string_view text) noexcept : id_(id), text_(text) {}

  std::uint64_t next() noexcept override {
    if (!seeded_) {
      seeded_ = true;
      numbers_ = SplitMix64(::XXH3_64bits_withSeed(text_.data(), text_.size(), id_.high ^ id_.low));
    }
    return numbers_.next();
  }

 private:
  const ClickIdentity& id_;
  std::string_view text_;
  bool seeded_ = false;
  SplitMix64 numbers_{0};
};

}  // namespace tributary
