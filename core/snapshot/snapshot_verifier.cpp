#include "core/snapshot/snapshot_verifier.h"

#include <algorithm>
#include <limits>
#include <string>

#include "core/snapshot/format.h"
#include "core/snapshot/record_verifier.h"
#include "core/snapshot/snapshot_file.h"

namespace tributary {
namespace {

using Code = SnapshotError::Code;

std::optional<SnapshotError> verify_header(const std::optional<SnapshotHeader>& header) {
  if (!header) {
    return SnapshotError{Code::malformed, "the file is not a snapshot"};
  }
  if (header->format < kMinSnapshotFormat || header->format > kMaxSnapshotFormat) {
    return SnapshotError{Code::wrong_format, "format " + std::to_string(header->format) + " is not one of " +
                                                 std::to_string(kMinSnapshotFormat) + " to " +
                                                 std::to_string(kMaxSnapshotFormat)};
  }
  const Generation generation = header->generation;
  if (generation.counter == 0 || generation.counter > kMaxGenerationCounter) {
    return SnapshotError{Code::out_of_bounds, "the generation counter is not from 1 to 2^48 - 1"};
  }
  if (header->is_delta() && (header->base >= generation || header->base.counter == 0)) {
    return SnapshotError{Code::wrong_base, "the base " + generation_text(header->base) + " is not before the delta"};
  }
  return std::nullopt;
}

// How many tables may hang together below one reference: a destination, its overflow chain, and the rules of each.
constexpr std::uint64_t kTablesOfReference = 4096;

// A table is looked at again for every reference to it, and streams share destinations: what the builder writes may
// have far more tables to look at than references. The bound is on the work that a hostile file can cause. (The
// library's own limit of a million is too small for 100,000 campaigns.)
bool verify_structure(std::span<const std::uint8_t> bytes) {
  const std::uint64_t references = bytes.size() / sizeof(flatbuffers::uoffset_t);
  flatbuffers::Verifier::Options options;
  options.max_depth = 16;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(
      std::min<std::uint64_t>(references * kTablesOfReference, std::numeric_limits<flatbuffers::uoffset_t>::max()));
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
  return fbs::VerifySnapshotBuffer(verifier);
}

}  // namespace

std::optional<SnapshotError> verify_snapshot(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxSnapshotBytes) {
    return SnapshotError{Code::too_large, "the file has " + std::to_string(bytes.size()) + " bytes, more than " +
                                              std::to_string(kMaxSnapshotBytes)};
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) {
    return SnapshotError{Code::malformed, "the bytes are not aligned to 8"};
  }
  if (auto error = verify_header(read_snapshot_header(bytes))) {
    return error;
  }
  if (!verify_structure(bytes)) {
    return SnapshotError{Code::malformed, "the file is cut off or damaged"};
  }
  std::string problem = verify_records(*fbs::GetSnapshot(bytes.data()));
  if (!problem.empty()) {
    return SnapshotError{Code::out_of_bounds, std::move(problem)};
  }
  return std::nullopt;
}

std::optional<SnapshotError> verify_layers(const SnapshotLayer& base, const SnapshotLayer& delta) {
  const auto wrong = [](std::string message) { return SnapshotError{Code::wrong_base, std::move(message)}; };
  const fbs::Snapshot& root = delta.root();
  if (base.root().base_counter() != 0) {
    return wrong("the base is a delta itself");
  }
  if (base.root().epoch() != root.base_epoch() || base.root().counter() != root.base_counter()) {
    return wrong("the delta belongs to another base");
  }
  if (root.campaigns() != nullptr) {
    for (const fbs::Campaign* campaign : *root.campaigns()) {
      const fbs::Campaign* same_id = base.campaign(campaign->id());
      const fbs::Campaign* same_name = base.campaign(text_of(campaign->host()), text_of(campaign->slug()));
      if ((same_id != nullptr && delta.campaign(text_of(same_id->host()), text_of(same_id->slug())) == nullptr) ||
          (same_name != nullptr && delta.campaign(same_name->id()) == nullptr)) {
        return wrong("campaign " + std::to_string(campaign->id()) + " leaves a name of the base behind");
      }
    }
  }
  if (root.networks() != nullptr) {
    for (const fbs::Network* network : *root.networks()) {
      const fbs::Network* same_id = base.network(network->id());
      const fbs::Network* same_key = base.network(text_of(network->key()));
      if ((same_id != nullptr && delta.network(text_of(same_id->key())) == nullptr) ||
          (same_key != nullptr && delta.network(same_key->id()) == nullptr)) {
        return wrong("network " + std::to_string(network->id()) + " leaves a key of the base behind");
      }
    }
  }
  return std::nullopt;
}

}  // namespace tributary
