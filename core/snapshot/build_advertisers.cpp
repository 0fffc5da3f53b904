#include <algorithm>

#include "core/money/money.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

template <typename Record, typename Less>
std::vector<const Record*> sorted(const std::vector<Record>& records, Less less) {
  std::vector<const Record*> out;
  for (const Record& record : records) {
    out.push_back(&record);
  }
  std::sort(out.begin(), out.end(), [&](const Record* a, const Record* b) { return less(*a, *b); });
  return out;
}

void check(BuildContext& context, const model::Advertiser& advertiser) {
  const auto problem = [&](std::string_view field, std::string reason) {
    context.problem("advertiser " + std::to_string(advertiser.id), field, std::move(reason));
  };
  if (advertiser.id == 0) {
    problem("id", "must not be 0");
  }
  if (parse_currency(advertiser.currency).empty()) {
    problem("currency", "\"" + advertiser.currency + "\" is not an ISO 4217 code");
  }
  if (advertiser.signature_tolerance_s == 0 || advertiser.signature_tolerance_s > kMaxSignatureTolerance_s) {
    problem("hmac_tolerance_s", "must be from 1 to " + std::to_string(kMaxSignatureTolerance_s));
  }
}

flatbuffers::Offset<fbs::Advertiser> write(BuildContext& context, const model::Advertiser& advertiser) {
  check(context, advertiser);
  const auto secrets = write_signature_secrets(context, "advertiser " + std::to_string(advertiser.id),
                                               advertiser.signature_secrets, kMinSignatureSecret);
  const fbs::Uuid team = fbs_uuid(advertiser.team);
  return fbs::CreateAdvertiser(context.out, advertiser.id, &team, advertiser.active, context.text(advertiser.currency),
                               advertiser.signature_required, advertiser.signature_tolerance_s, secrets);
}

}  // namespace

FbsTables<fbs::SignatureSecret> write_signature_secrets(BuildContext& context, const std::string& entity,
                                                        const std::vector<model::SignatureSecret>& secrets,
                                                        std::size_t least) {
  if (secrets.size() > kMaxSignatureSecrets) {
    context.problem(entity, "hmac_secrets", "are more than " + std::to_string(kMaxSignatureSecrets));
  }
  std::vector<flatbuffers::Offset<fbs::SignatureSecret>> written;
  for (const model::SignatureSecret& item : secrets) {
    if (item.secret.size() < least || item.secret.size() > kMaxSignatureSecret) {
      context.problem(entity, "hmac_secrets", "must have " + std::to_string(least) + " to 128 bytes");
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(item.secret.data());
    const auto secret = context.out.CreateVector(bytes, item.secret.size());
    written.push_back(fbs::CreateSignatureSecret(context.out, secret, item.valid_until_ms));
  }
  return context.out.CreateVector(written);
}

BuiltAdvertisers build_advertisers(BuildContext& context) {
  const auto advertisers = sorted(context.input.advertisers, [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<flatbuffers::Offset<fbs::Advertiser>> records;
  for (std::size_t i = 0; i < advertisers.size(); ++i) {
    if (i > 0 && advertisers[i]->id == advertisers[i - 1]->id) {
      context.problem("advertiser " + std::to_string(advertisers[i]->id), "id", "is used by two advertisers");
    }
    records.push_back(write(context, *advertisers[i]));
  }
  const auto keys = sorted(context.input.event_keys, [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
  std::vector<flatbuffers::Offset<fbs::EventKey>> written;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0 && keys[i]->sha256 == keys[i - 1]->sha256) {
      context.problem("advertiser " + std::to_string(keys[i]->advertiser), "keys", "one is used twice");
    }
    written.push_back(fbs::CreateEventKey(context.out,
                                          context.out.CreateVector(keys[i]->sha256.data(), keys[i]->sha256.size()),
                                          keys[i]->advertiser, keys[i]->valid_until_ms));
  }
  return {context.out.CreateVector(records), context.out.CreateVector(written)};
}

}  // namespace tributary
