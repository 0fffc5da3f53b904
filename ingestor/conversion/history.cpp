#include "ingestor/conversion/history.h"

#include "platform/postgres/copy_in.h"

namespace tributary::ingest {
namespace {

constexpr const char* kTable =
    "events.conversion_history (conversion, time, journal, position, batch, change, verdict,"
    " old_status, new_status, old_payout, new_payout, old_revenue, new_revenue, team,"
    " changed_by, note)";
constexpr std::int16_t kColumns = 16;

bool same(const ConversionState& a, const ConversionState& b) {
  return a.status == b.status && a.amounts == b.amounts && a.click == b.click;
}

void amount(BinaryWriter& out, const std::optional<std::int64_t>& micros) {
  if (!micros) return out.null();
  out.money(*micros);
}

// The raw row; a decision has none.
void call(BinaryWriter& out, const PostbackFact& postback) {
  if (postback.decision) {
    out.null();
    out.null();
    return;
  }
  out.int4(static_cast<std::int32_t>(postback.journal));
  out.int8(static_cast<std::int64_t>(postback.position));
}

void decided(BinaryWriter& out, const PostbackFact& postback) {
  if (!postback.decision || postback.decision->user == TeamId{}) {
    out.null();
  } else {
    out.uuid(postback.decision->user);
  }
  if (!postback.decision || postback.decision->note.empty()) {
    out.null();
  } else {
    out.text(postback.decision->note);
  }
}

void status(BinaryWriter& out, const ConversionState& state) {
  if (state.postbacks == 0) return out.null();
  out.int2(static_cast<std::int16_t>(state.status));
}

}  // namespace

void HistoryRows::add(std::int64_t conversion, const ConversionState& before, const ConversionState& after,
                      const PostbackFact& postback) {
  const bool created = before.postbacks == 0;
  const bool repeated = !created && same(before, after);
  const auto counted = postback.several_clicks ? PostbackVerdict::latest_click : PostbackVerdict::accepted;
  const auto verdict = repeated ? PostbackVerdict::repeated : counted;
  rows_.begin_row(kColumns);
  rows_.int8(conversion);
  rows_.timestamptz(static_cast<std::int64_t>(postback.time_us));
  call(rows_, postback);
  rows_.int8(batch_);
  rows_.text(postback.decision ? "corrected" : created ? "created" : repeated ? "repeated" : "changed");
  rows_.int2(static_cast<std::int16_t>(verdict));
  status(rows_, before);
  status(rows_, after);
  amount(rows_, before.amounts.payout);
  amount(rows_, after.amounts.payout);
  amount(rows_, before.amounts.revenue);
  amount(rows_, after.amounts.revenue);
  rows_.uuid(after.owner.team);
  decided(rows_, postback);
}

void HistoryRows::store(Connection& connection) {
  if (rows_.size() == 0) return;
  CopyIn copy(connection, kTable);
  copy.write(rows_.data());
  copy.finish();
}

}  // namespace tributary::ingest
