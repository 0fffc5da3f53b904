#include <algorithm>

#include "core/request/path.h"
#include "core/routing/shown_next_hop.h"
#include "ngx_module/click_answer.h"
#include "ngx_module/handlers.h"

// A campaign URL: /c/{slug}, or a slug of a campaign's own domain.
namespace tributary {
namespace {

// The campaign comes out of cold memory while the request is read: first the index, then the record.
const fbs::Campaign* read_request(ClickCall& call) noexcept {
  std::string_view tail = path_tail(call.r);
  const CampaignName name(view(call.r->headers_in.server), take_segment(tail));
  call.snapshot.prefetch_slots(name);
  read_visit(call.r, call.address, call.click.visit);
  call.snapshot.prefetch_record(name);
  split_query(call);
  return campaign_of(call, name);
}

// The next hop that the request shows, with our click id and the count of hops, in r->pool; empty when there is none.
std::string_view next_hop(ClickCall& call, const fbs::Campaign& campaign) noexcept {
  const std::string_view url = shown_next_hop(campaign, call.parameters, call.url);
  if (url.empty()) return {};
  if (url.data() != call.url) std::copy(url.begin(), url.end(), call.url);
  const unsigned hops = hops_ahead(call, url);
  std::size_t length = url.size();
  if (call.context.has_click_id) {
    constexpr std::string_view kName = "click_id=";
    char added[kName.size() + kClickIdLength];
    std::copy(call.context.click_id.begin(), call.context.click_id.end(), std::copy(kName.begin(), kName.end(), added));
    length = append_query(call.url, length, {added, sizeof(added)});
  }
  if (hops != 0) length = add_hops(call, length, hops);
  return view(copy_to(call.r->pool, {call.url, length}));
}

}  // namespace

ngx_int_t redirect_handler(ngx_http_request_t* r) noexcept {
  return with_click(r, [](ClickCall& call) noexcept {
    const fbs::Campaign* campaign = read_request(call);
    begin_click(call, campaign);
    if (campaign != nullptr && campaign->next_hops() != nullptr) [[unlikely]] {
      const std::string_view url = next_hop(call, *campaign);
      if (!url.empty()) return send_to_url(call, *campaign, url);
    }
    return route_click(call, campaign);
  });
}

}  // namespace tributary
