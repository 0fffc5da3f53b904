#include "core/request/path.h"
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
  split_query(call);
  call.snapshot.prefetch_record(name);
  read_tracking(call);
  return call.snapshot.find_campaign(name);
}

}  // namespace

ngx_int_t redirect_handler(ngx_http_request_t* r) noexcept {
  return with_click(r, [](ClickCall& call) noexcept { return answer_click(call, read_request(call)); });
}

}  // namespace tributary
