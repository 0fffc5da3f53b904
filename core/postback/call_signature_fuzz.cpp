#include <cstdlib>
#include <vector>

#include "core/postback/call_signature.h"
#include "schema/snapshot_generated.h"

using namespace tributary;

namespace {

// The input chooses scheme and hash; the rules are those that read the most.
const fbs::Network& network(fbs::SignatureScheme scheme, fbs::SignatureHash hash, bool listed,
                            flatbuffers::FlatBufferBuilder& builder) {
  const std::string secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
  const auto bytes = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size());
  const auto item = fbs::CreateSignatureSecret(builder, bytes, 0);
  const auto secrets = builder.CreateVector(&item, 1);
  const auto carrier = builder.CreateString("sig");
  const auto parameters =
      builder.CreateVectorOfStrings(listed ? std::vector<std::string>{"a", "ts"} : std::vector<std::string>());
  const auto time = builder.CreateString(listed ? "ts" : "");
  const auto signature = fbs::CreateCallSignature(builder, scheme, hash, carrier, parameters, time, 300);
  const auto key = builder.CreateString("n");
  const fbs::Uuid team{1, 2};
  fbs::NetworkBuilder out(builder);
  out.add_team(&team);
  out.add_key(key);
  out.add_auth(fbs::PostbackAuth::Hmac);
  out.add_signature(signature);
  out.add_signature_secrets(secrets);
  builder.Finish(out.Finish());
  return *flatbuffers::GetRoot<fbs::Network>(builder.GetBufferPointer());
}

}  // namespace

// One byte of choices; then what is the query, the body and the header at once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  const std::vector<char> bytes(data + 1, data + size);
  const std::string_view text(bytes.data(), bytes.size());
  flatbuffers::FlatBufferBuilder builder;
  const auto& rules = network(static_cast<fbs::SignatureScheme>(choice % 5),
                              static_cast<fbs::SignatureHash>(choice / 5 % 3), choice >= 128, builder);
  std::vector<QueryParameter> parameters(kMaxQueryParameters);
  bool truncated = false;
  parameters.resize(parse_query(text, parameters, truncated));
  const std::size_t in_query = parameters.size() / 2;
  const SignedCall call{.parameters = parameters,
                        .query_count = in_query,
                        .body = text,
                        .header = text,
                        .webhook_id = text,
                        .webhook_time = "1790000000"};
  if (check_call_signature(rules, call, 1'790'000'000'000)) std::abort();  // nobody finds a signature by chance
  const std::size_t all = parameters.size();
  if (keep_signed(rules, parameters, in_query) > all) std::abort();
  return 0;
}
