#include <array>
#include <cstdlib>
#include <vector>

#include "core/postback/envelope.h"
#include "core/request/json_body.h"
#include "schema/snapshot_generated.h"

using namespace tributary;

namespace {

const fbs::Network& network(fbs::Envelope envelope, flatbuffers::FlatBufferBuilder& builder) {
  constexpr std::string_view kSecret = "MYSECRETKEY";
  const auto bytes = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(kSecret.data()), kSecret.size());
  const auto item = fbs::CreateSignatureSecret(builder, bytes, 0);
  const auto secrets = builder.CreateVector(&item, 1);
  const auto key = builder.CreateString("n");
  const fbs::Uuid team{1, 2};
  fbs::NetworkBuilder out(builder);
  out.add_team(&team);
  out.add_key(key);
  out.add_signature_secrets(secrets);
  out.add_envelope(envelope);
  builder.Finish(out.Finish());
  return *flatbuffers::GetRoot<fbs::Network>(builder.GetBufferPointer());
}

// What an envelope holds is read like this, be it what it may.
void read(std::string_view json) {
  std::vector<char> memory(json.size());
  Arena arena{memory};
  std::array<QueryParameter, 8> out;
  if (const auto count = parse_flat_json(json, out, arena, JsonNesting::skipped); count && *count > out.size()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> bytes(data, data + size);
  const std::string_view body(bytes.data(), bytes.size());
  for (const fbs::Envelope envelope : {fbs::Envelope::Awin, fbs::Envelope::ClickbankIns}) {
    flatbuffers::FlatBufferBuilder builder;
    if (const auto text = open_envelope(network(envelope, builder), body, 1'790'000'000'000)) {
      if (text->size() > size) std::abort();
      read(*text);
    }
  }
  read(body);
  return 0;
}
