#include <array>
#include <cstdlib>
#include <vector>

#include "core/postback/field.h"
#include "core/postback/postback_mapper.h"
#include "core/request/click_call.h"
#include "schema/snapshot_generated.h"

using namespace tributary;

namespace {

// A network that maps a few names of its own, like those in the corpus.
const fbs::Network& network() {
  static const flatbuffers::DetachedBuffer buffer = [] {
    flatbuffers::FlatBufferBuilder builder;
    const auto mapping = [&](PostbackField field, const char* name, const char* constant) {
      const auto names = builder.CreateVectorOfStrings({name});
      return fbs::CreateParameterMapping(builder, static_cast<std::uint16_t>(field), names,
                                         builder.CreateString(constant));
    };
    const auto parameters = builder.CreateVector(
        std::vector{mapping(PostbackField::click_id, "s2", ""), mapping(PostbackField::payout, "price", "1.5"),
                    mapping(custom_field(20), "c20", ""), mapping(static_cast<PostbackField>(999), "odd", "x")});
    const auto status = fbs::CreateStatusMapping(builder, builder.CreateString("1"), 2);
    const auto statuses = builder.CreateVector(&status, 1);
    const auto key = builder.CreateString("n");
    const auto currency = builder.CreateString("USD");
    const fbs::Uuid team{1, 2};
    fbs::NetworkBuilder out{builder};
    out.add_team(&team);
    out.add_key(key);
    out.add_parameters(parameters);
    out.add_statuses(statuses);
    out.add_default_status(2);
    out.add_currency(currency);
    out.add_click_window_s(86'400);
    builder.Finish(out.Finish());
    return builder.Release();
  }();
  return *flatbuffers::GetRoot<fbs::Network>(buffer.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> query(data, data + size);
  static std::array<QueryParameter, kMaxQueryParameters> parameters;
  bool truncated = false;
  const std::size_t count = parse_query({query.data(), query.size()}, parameters, truncated);
  ClickIdKey key;
  key.secret.fill(0x42);
  ClickIdKeyring keys;
  keys.add(key);

  std::vector<char> memory(size);
  Arena arena{memory};
  const Postback postback = map_postback({parameters.data(), count}, network(), keys, 1'790'000'000'000, arena);
  const bool counts = counts_as_conversion(postback.verdict);
  const bool complete = !postback.click.empty() && postback.status != ConversionStatus::unmapped;
  if (postback.verdict == PostbackVerdict::unknown || (counts && !complete) || postback.payout_micros < 0 ||
      postback.click_text.size() > 512) {
    std::abort();
  }
  transaction_fingerprint(postback);

  Arena again{memory};
  Postback named = map_affiliate_postback({parameters.data(), count}, network(), keys, 1'790'000'000'000, again);
  named.affiliate = 1;
  const bool external = names_external_click(named);
  if (external && (named.click_text.empty() || !named.click.empty() || named.click_text.size() > kMaxCallerClickId)) {
    std::abort();
  }
  transaction_fingerprint(named);
  return 0;
}
