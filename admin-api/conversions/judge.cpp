#include "admin-api/conversions/judge.h"

#include "core/postback/foreign_click.h"
#include "core/postback/postback_mapper.h"

namespace tributary::admin {
namespace {

// What was not kept or not read whole cannot be judged better than it was.
bool is_final(PostbackVerdict verdict) noexcept {
  return verdict == PostbackVerdict::unparsable_body || verdict == PostbackVerdict::too_many_parameters;
}

const fbs::Network* rules_of(const QuarantinedCall& call, const SnapshotView& snapshot) noexcept {
  if (call.affiliate == 0) return snapshot.find_network(call.network);
  const fbs::Partner* partner = snapshot.find_partner(call.affiliate);
  return partner == nullptr ? nullptr : partner->postback();
}

}  // namespace

Judgement::Judgement(const QuarantinedCall& call, const SnapshotView& snapshot)
    : call_(call.uri, call.body), signature_(call.signature), memory_(call_.encoded_bytes() + 1, '\0') {
  const fbs::Network* network = rules_of(call, snapshot);
  if (network == nullptr || is_final(call.verdict)) {
    postback_.verdict = call.verdict;
    return;
  }
  Arena arena({memory_.data(), memory_.size()});
  const auto map = call.affiliate == 0 ? map_postback : map_affiliate_postback;
  postback_ = map(call_.keep_signed(*network), *network, snapshot.click_keys(), call.header.time_us / 1000, arena);
  if (is_foreign_click(snapshot, *network, postback_.click)) postback_.verdict = PostbackVerdict::foreign_click;
  postback_.conversion_id = call.conversion_id;
  postback_.network = call.network;
  postback_.affiliate = call.affiliate;
  postback_.verified = call.verified;
  postback_.signature = signature_;
  // Whether there is such a click is for the ingestor to find out.
  if (names_external_click(postback_)) postback_.verdict = PostbackVerdict::click_pending;
}

std::string Judgement::event(const EventHeader& header) const {
  std::string bytes(max_event_size(header, postback_), '\0');
  bytes.resize(encode_event(header, postback_, bytes.data()));
  return bytes;
}

}  // namespace tributary::admin
