#include "admin-api/conversions/judge.h"

#include "core/postback/foreign_click.h"
#include "core/postback/postback_mapper.h"

namespace tributary::admin {
namespace {

// What was not kept or not read whole cannot be judged better than it was.
bool is_final(PostbackVerdict verdict) noexcept {
  return verdict == PostbackVerdict::unparsable_body || verdict == PostbackVerdict::too_many_parameters;
}

}  // namespace

Judgement::Judgement(const QuarantinedCall& call, const SnapshotView& snapshot)
    : call_(call.uri, call.body), signature_(call.signature), memory_(call_.encoded_bytes() + 1, '\0') {
  const fbs::Network* network = snapshot.find_network(call.network);
  if (network == nullptr || is_final(call.verdict)) {
    postback_.verdict = call.verdict;
    return;
  }
  Arena arena({memory_.data(), memory_.size()});
  postback_ =
      map_postback(call_.keep_signed(*network), *network, snapshot.click_keys(), call.header.time_us / 1000, arena);
  if (is_foreign_click(snapshot, *network, postback_.click)) postback_.verdict = PostbackVerdict::foreign_click;
  postback_.conversion_id = call.conversion_id;
  postback_.network = call.network;
  postback_.affiliate = call.affiliate;
  postback_.verified = call.verified;
  postback_.signature = signature_;
}

std::string Judgement::event(const EventHeader& header) const {
  std::string bytes(max_event_size(header, postback_), '\0');
  bytes.resize(encode_event(header, postback_, bytes.data()));
  return bytes;
}

}  // namespace tributary::admin
