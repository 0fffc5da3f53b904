#include "core/state/shared_state.h"

namespace tributary {
namespace {

struct CounterText {
  std::string_view name;
  std::string_view help;
};

constexpr CounterText kTexts[] = {
    {"clicks_redirected", "Clicks that were sent to a destination."},
    {"clicks_trafficback", "Clicks that were sent to a trafficback URL."},
    {"clicks_fallback", "Clicks that were answered by tributary_fallback or with an error status."},
    {"clicks_unlogged", "Clicks that were answered although the journal could not take their event."},
    {"clicks_labelled", "Clicks with a label (bot, prefetch, HEAD): they move no counter."},
    {"postbacks_accepted", "Postbacks that were made durable and ask for a conversion."},
    {"postbacks_repeated", "Postbacks that repeat a remembered transaction."},
    {"postbacks_quarantined", "Authentic postbacks that cannot be used; kept for review."},
    {"postbacks_unauthorised", "Postbacks of an unknown network or with a wrong secret."},
    {"postbacks_unavailable", "Postbacks answered 503: journal full or not durable in time, or no snapshot."},
    {"snapshots_published", "Configuration snapshots published by this host."},
    {"snapshots_refused", "Configuration pushes that were refused."},
    {"snapshot_swaps", "Times a worker changed to another snapshot."},
    {"parked_requests", "Requests that waited for the journal to become durable."},
    {"caps_refused", "Visitors that a full cap or click limit kept away."},
    {"caps_unknown", "Visitors that caps kept away because their totals after a reboot had not arrived."},
    {"caps_behind", "Visitors that caps kept away because the clock was behind a window that had begun."},
    {"uniques_evicted", "Visitors forgotten inside their window of uniqueness: the table is too small."},
    {"last_seen_evicted", "Visitors forgotten inside their window of anti-repeat: the table is too small."},
    {"overlays_applied", "Overlays (health, closed caps, earnings) that were put in force."},
    {"overlays_refused", "Overlays that were refused."},
    {"clicks_direct", "Clicks that were recorded without asking a stream: pages of links, calls of /click, scripts."},
    {"clicks_repeated", "Calls of /click that repeat a click id and were answered as before."},
    {"clicks_refused", "Calls of /click that were refused: affiliate, campaign or click id is not usable."},
    {"recent_clicks_evicted", "Calls of /click forgotten to make room: the table is too small."},
    {"landers_shown", "Clicks that were sent to a lander."},
    {"lander_clicks", "Links of landers that were followed to a destination."},
    {"cap_values_refused",
     "Visitors that a cap per sub id kept away because tributary_cap_values had no place for their value."},
    {"events_accepted", "Events of advertisers that were made durable."},
    {"events_repeated", "Events of advertisers that this host remembers and that were made durable again."},
    {"events_refused", "Events of advertisers, or whole calls, that cannot be used."},
    {"events_unauthorised", "Calls of the event API with a key or a signature that is not valid."},
    {"events_unavailable", "Calls of the event API answered 503: journal full or not durable in time, or no snapshot."},
};
static_assert(std::size(kTexts) == kCounterCount);

}  // namespace

std::string_view counter_name(Counter counter) noexcept {
  return counter < Counter::kCount ? kTexts[static_cast<std::size_t>(counter)].name : std::string_view();
}

std::string_view counter_help(Counter counter) noexcept {
  return counter < Counter::kCount ? kTexts[static_cast<std::size_t>(counter)].help : std::string_view();
}

}  // namespace tributary
