#pragma once

#include <cstdint>
#include <string>

#include "core/base/fd.h"

namespace tributary {

// What keeps the number of a slot with one worker whatever becomes of the run directory: a lock on `NNN.slot` in a
// directory on disk. Slot files alone do not: a run directory that was emptied, or another one after a reload, gives
// new files, and two workers would mint the same click ids. The file also keeps a stamp, so that who takes the number
// after a reboot goes on behind its last holder, whatever the clock says then.
//
// Owned by one thread.
class SlotAnchor {
 public:
  enum class Claim : std::uint8_t {
    held,
    taken,        // by another worker
    unavailable,  // no room, no rights: whether another one has it cannot be known
  };

  // No file is made for an empty `directory`: unavailable.
  Claim claim(const std::string& directory, std::uint32_t number) noexcept;

  bool held() const noexcept { return fd_.valid(); }
  bool is_named() const noexcept;  // false: its file was removed, the number may be claimed by another

  // The stamp that was stored last, 0 when there is none.
  std::uint64_t stamp() const noexcept;
  // Reaches the disk when the kernel writes it back.
  void store(std::uint64_t stamp) noexcept;

 private:
  std::string path_;
  Fd fd_;
  std::uint64_t stored_ = 0;
};

}  // namespace tributary
