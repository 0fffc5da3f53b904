#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/snapshot/snapshot_store.h"
#include "core/state/worker_slot.h"
#include "ngx_module/text/cap_report.h"

// What tributary_config answers to admin-api.
namespace tributary {

inline constexpr std::string_view kBusyAnswer = R"({"result":"busy"})";

std::string refused_answer(std::string_view reason);

// published, already_current, older or busy, with the generation, or version of the overlay, that is in force now.
std::string published_answer(const SnapshotStore::PublishResult& result);

// Every worker that lives and what it serves. `acknowledged`: all of them serve what is published.
// `created_ms` is that of the snapshot behind `published`, 0 when the answering worker does not have it.
std::string acknowledgement_answer(std::string_view edge, std::uint64_t number, Generation published,
                                   std::uint64_t created_ms, Generation overlay, const CapReport& caps,
                                   std::span<const LiveSlot> slots);

}  // namespace tributary
