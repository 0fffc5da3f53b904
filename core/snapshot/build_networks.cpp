#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "core/base/plain_text.h"
#include "core/condition/address.h"
#include "core/money/money.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

std::string entity_of(const model::Network& network) {
  return "network " + std::to_string(network.id);
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return text;
}

// How calls are taken, of a network or of an affiliate. Reads nothing but its record.
class NetworkWriter {
 public:
  NetworkWriter(BuildContext& context, std::string entity) : context_(context), entity_(std::move(entity)) {}

  flatbuffers::Offset<fbs::Network> write(const model::Network& network) {
    check(network);
    const fbs::Uuid team = fbs_uuid(network.team);
    const auto key = context_.out.CreateString(network.key);
    std::vector<flatbuffers::Offset<fbs::Secret>> secrets;
    for (const auto& hash : network.secrets_sha256) {
      secrets.push_back(fbs::CreateSecret(context_.out, context_.out.CreateVector(hash.data(), hash.size())));
    }
    const auto parameters = write_parameters(network);
    const auto statuses = write_statuses(network);
    const auto currency = network.currency.empty() ? 0 : context_.text(network.currency);
    const auto allowed = context_.out.CreateVectorOfStrings(network.allowed);
    const auto signature = network.auth == model::PostbackAuth::hmac ? write_signature(network.signature) : 0;
    const auto signing = write_signature_secrets(context_, entity_, network.signature_secrets, kMinNetworkSecret);
    return fbs::CreateNetwork(context_.out, network.id, &team, key, static_cast<fbs::State>(network.state),
                              static_cast<fbs::PostbackAuth>(network.auth), context_.out.CreateVector(secrets),
                              parameters, statuses, static_cast<std::uint8_t>(network.default_status), currency,
                              network.click_window_s, static_cast<fbs::PostbackAnswer>(network.answer), allowed,
                              signature, signing, static_cast<fbs::Envelope>(network.envelope));
  }

 private:
  void check(const model::Network& network) {
    const auto problem = [&](std::string_view field, std::string reason) {
      context_.problem(entity_, field, std::move(reason));
    };
    if (network.auth == model::PostbackAuth::hmac && network.envelope != model::Envelope::none) {
      problem("envelope", "and a signature exclude each other: use auth token, ip or none");
    }
    for (const std::string& range : network.allowed) {
      if (!parse_address_range(range)) {
        problem("allowed", "\"" + range + "\" is no address and no range of addresses");
      }
    }
    if (network.auth == model::PostbackAuth::token && network.secrets_sha256.empty()) {
      problem("secrets", "are missing: auth token needs at least one");
    }
    if (!network.currency.empty() && parse_currency(network.currency) != std::string_view(network.currency)) {
      problem("currency", "\"" + network.currency + "\" is not an ISO 4217 code in capitals");
    }
  }

  void check(const model::CallSignature& signature) {
    const auto problem = [&](std::string reason) { context_.problem(entity_, "signature", std::move(reason)); };
    const auto fits = [](const std::string& name) {
      return !name.empty() && is_plain_text(name, kMaxSignatureCarrier);
    };
    const auto& names = signature.parameters;
    if (!fits(signature.carrier) || names.size() > kMaxSignedParameters ||
        !std::all_of(names.begin(), names.end(), fits)) {
      problem("names must have 1 to 64 bytes without control characters, at most 16 of them");
    }
    if (signature.scheme == model::SignatureScheme::fields && names.empty()) {
      problem("scheme fields needs the parameters whose values are signed");
    }
    const bool timed = !signature.time.empty();
    if (timed && !names.empty() && std::find(names.begin(), names.end(), signature.time) == names.end()) {
      problem("the time must be one of the parameters, or it is not signed");
    }
    if (signature.tolerance_s == 0 || signature.tolerance_s > kMaxSignatureTolerance_s ||
        (timed && !fits(signature.time))) {
      problem("the time or its tolerance is out of range");
    }
  }

  flatbuffers::Offset<fbs::CallSignature> write_signature(const model::CallSignature& signature) {
    check(signature);
    const auto carrier = context_.text(signature.carrier);
    const auto parameters = context_.out.CreateVectorOfStrings(signature.parameters);
    const auto time = signature.time.empty() ? 0 : context_.text(signature.time);
    return fbs::CreateCallSignature(context_.out, static_cast<fbs::SignatureScheme>(signature.scheme),
                                    static_cast<fbs::SignatureHash>(signature.hash), carrier, parameters, time,
                                    signature.tolerance_s);
  }

  FbsTables<fbs::ParameterMapping> write_parameters(const model::Network& network) {
    std::vector<flatbuffers::Offset<fbs::ParameterMapping>> written;
    for (const model::ParameterMapping& mapping : network.parameters) {
      const bool named = !postback_field_name(mapping.field).empty() && mapping.field != PostbackField::none;
      if (!named) {
        context_.problem(entity_, "parameters", "a mapping names a field that does not exist");
      }
      const bool names_fit = mapping.names.size() <= kMaxParameterNames &&
                             std::all_of(mapping.names.begin(), mapping.names.end(), [](const std::string& name) {
                               return !name.empty() && is_plain_text(name, kMaxTextLength);
                             });
      if (!names_fit || !is_plain_text(mapping.constant, kMaxTextLength)) {
        context_.problem(entity_, "parameters",
                         "a mapping has more than 64 names, an empty one, or control characters");
      }
      std::vector<flatbuffers::Offset<flatbuffers::String>> names;
      for (const std::string& name : mapping.names) {
        names.push_back(context_.text(name));
      }
      const auto constant = mapping.constant.empty() ? 0 : context_.text(mapping.constant);
      written.push_back(fbs::CreateParameterMapping(context_.out, static_cast<std::uint16_t>(mapping.field),
                                                    context_.out.CreateVector(names), constant));
    }
    return context_.out.CreateVector(written);
  }

  // Sorted by word, so that the edge may search.
  FbsTables<fbs::StatusMapping> write_statuses(const model::Network& network) {
    std::vector<std::pair<std::string, ConversionStatus>> statuses;
    for (const model::StatusMapping& mapping : network.statuses) {
      if (mapping.word.empty() || !is_plain_text(mapping.word, kMaxTextLength)) {
        context_.problem(entity_, "statuses", "a word is empty or has control characters");
      }
      statuses.emplace_back(lower_case(mapping.word), mapping.status);
    }
    std::sort(statuses.begin(), statuses.end());
    std::vector<flatbuffers::Offset<fbs::StatusMapping>> written;
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      if (i > 0 && statuses[i].first == statuses[i - 1].first) {
        context_.problem(entity_, "statuses", "\"" + statuses[i].first + "\" is mapped twice");
      }
      written.push_back(fbs::CreateStatusMapping(context_.out, context_.out.CreateString(statuses[i].first),
                                                 static_cast<std::uint8_t>(statuses[i].second)));
    }
    return context_.out.CreateVector(written);
  }

  BuildContext& context_;
  const std::string entity_;
};

class NetworksBuilder {
 public:
  explicit NetworksBuilder(BuildContext& context) : context_(context) {}

  BuiltNetworks build() {
    collect();
    for (const model::Network* network : records_) {
      written_.push_back(write(*network));
    }
    return {context_.out.CreateVector(written_), index_by_key(), index_by_id()};
  }

 private:
  static bool live(const model::Network& network) { return network.state != model::State::deleted; }

  void collect() {
    for (const model::Network& network : context_.input.networks) {
      if (live(network) || context_.is_delta()) {
        records_.push_back(&network);
      }
      if (!live(network)) {
        continue;
      }
      if (!live_ids_.insert(network.id).second) {
        context_.problem(entity_of(network), "id", "is used by two networks");
      }
      if (!live_keys_.insert(network.key).second) {
        context_.problem(entity_of(network), "key", "is used by two networks");
      }
    }
  }

  void check_name(const model::Network& network) {
    if (network.id == 0) {
      context_.problem(entity_of(network), "id", "must not be 0");
    }
    if (network.key.empty() || !is_plain_text(network.key, kMaxNetworkKeyLength) ||
        network.key.find_first_of("/?#") != std::string::npos) {
      context_.problem(entity_of(network), "key",
                       "must be 1 to 255 bytes without control characters, '/', '?' and '#'");
    }
  }

  flatbuffers::Offset<fbs::Network> write(const model::Network& network) {
    if (live(network)) {
      check_name(network);
      return write_network(context_, network, entity_of(network));
    }
    const fbs::Uuid team = fbs_uuid(network.team);
    const auto key = context_.out.CreateString(network.key);
    return fbs::CreateNetwork(context_.out, network.id, &team, key, fbs::State::Deleted);
  }

  FbsIndex index_by_key() {
    SnapshotIndexBuilder index(written_.size());
    std::unordered_set<std::string_view> hidden;
    for (std::uint32_t ordinal = 1; ordinal <= written_.size(); ++ordinal) {
      const model::Network& network = *records_[ordinal - 1];
      if (live(network) || (!live_keys_.contains(network.key) && hidden.insert(network.key).second)) {
        index.add(text_hash(network.key), ordinal);
      }
    }
    return context_.index(index);
  }

  FbsIndex index_by_id() {
    SnapshotIndexBuilder index(written_.size());
    std::unordered_set<std::uint32_t> hidden;
    for (std::uint32_t ordinal = 1; ordinal <= written_.size(); ++ordinal) {
      const model::Network& network = *records_[ordinal - 1];
      if (live(network) || (!live_ids_.contains(network.id) && hidden.insert(network.id).second)) {
        index.add(id_hash(network.id), ordinal);
      }
    }
    return context_.index(index);
  }

  BuildContext& context_;
  std::vector<const model::Network*> records_;
  std::vector<flatbuffers::Offset<fbs::Network>> written_;
  std::unordered_set<std::string_view> live_keys_;
  std::unordered_set<std::uint32_t> live_ids_;
};

}  // namespace

flatbuffers::Offset<fbs::Network> write_network(BuildContext& context, const model::Network& network,
                                                std::string entity) {
  return NetworkWriter(context, std::move(entity)).write(network);
}

BuiltNetworks build_networks(BuildContext& context) {
  return NetworksBuilder(context).build();
}

}  // namespace tributary
