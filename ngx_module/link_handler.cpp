#include "core/request/path.h"
#include "ngx_module/click_answer.h"
#include "ngx_module/handlers.h"

// A tracking link: /r/{code}. It belongs to a partner and a campaign; the target gets `ref_code` and our click id, so
// that the advertiser can hand either back.
namespace tributary {
namespace {

bool is_open(const SnapshotView& snapshot, const fbs::Link& link) noexcept {
  const fbs::Partner* partner = snapshot.find_partner(link.partner());
  return link.state() == fbs::State::Active && partner != nullptr && partner->state() == fbs::State::Active;
}

// In r->pool, because the rendering uses the buffers of the call; empty when there is no memory.
std::string_view link_parameters(const ClickCall& call, std::string_view code) noexcept {
  constexpr std::string_view kCode = "ref_code=";
  constexpr std::string_view kClick = "&click_id=";
  const std::size_t room = kCode.size() + code.size() + kClick.size() + kClickIdLength;
  auto* text = static_cast<char*>(ngx_pnalloc(call.r->pool, room));
  if (text == nullptr) return {};
  char* end = std::copy(code.begin(), code.end(), std::copy(kCode.begin(), kCode.end(), text));
  if (call.context.has_click_id) {
    end = std::copy(kClick.begin(), kClick.end(), end);
    end = std::copy(call.context.click_id.begin(), call.context.click_id.end(), end);
  }
  return {text, static_cast<std::size_t>(end - text)};
}

// On a domain of a team, links of others are not known.
const fbs::Link* find_link(const ClickCall& call, std::string_view code) noexcept {
  const fbs::Link* link = call.snapshot.find_link(code);
  if (link == nullptr) return nullptr;
  const fbs::Partner* partner = call.snapshot.find_partner(link->partner());
  return partner != nullptr && served_here(call, *partner->team()) ? link : nullptr;
}

ngx_int_t handle(ClickCall& call) noexcept {
  std::string_view tail = path_tail(call.r);
  const std::string_view code = take_segment(tail);
  const fbs::Link* link = find_link(call, code);
  read_visit(call.r, call.address, call.click.visit);
  split_query(call);
  const fbs::Campaign* campaign = link == nullptr ? nullptr : call.snapshot.find_campaign(link->campaign());
  begin_click(call, campaign);
  if (link == nullptr) return send_nowhere(call, nullptr, RoutingReason::unknown_link);
  call.click.link = link->id();
  call.click.affiliate = link->partner();
  if (!is_open(call.snapshot, *link)) return send_nowhere(call, campaign, RoutingReason::link_paused);
  call.added = link_parameters(call, code);
  const fbs::UrlTemplate* page = link->url() != nullptr || campaign == nullptr ? link->url() : campaign->landing();
  return page == nullptr || campaign == nullptr ? route_click(call, campaign) : send_direct(call, *campaign, *page);
}

}  // namespace

ngx_int_t link_handler(ngx_http_request_t* r) noexcept {
  return with_click(r, [](ClickCall& call) noexcept { return handle(call); });
}

}  // namespace tributary
