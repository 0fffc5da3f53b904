#include <unordered_set>

#include "core/base/plain_text.h"
#include "core/snapshot/build_context.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

std::string entity_of(const model::Partner& partner) {
  return "partner " + std::to_string(partner.id);
}

std::string entity_of(const model::Link& link) {
  return "link " + std::to_string(link.id);
}

flatbuffers::Offset<fbs::Partner> write(BuildContext& context, const model::Partner& partner) {
  if (partner.id == 0) {
    context.problem(entity_of(partner), "id", "must not be 0");
  }
  const fbs::Uuid team = fbs_uuid(partner.team);
  const bool live = partner.state != model::State::deleted && partner.postback;
  const auto postback = live ? write_network(context, *partner.postback, entity_of(partner)) : 0;
  return fbs::CreatePartner(context.out, partner.id, &team, static_cast<fbs::State>(partner.state), postback);
}

flatbuffers::Offset<fbs::Link> write(BuildContext& context, const model::Link& link) {
  if (link.id == 0) {
    context.problem(entity_of(link), "id", "must not be 0");
  }
  if (!is_link_code(link.code)) {
    context.problem(entity_of(link), "code", "must be 4 to 64 letters, digits, '_' and '-'");
  }
  const auto url = context.url_template(
      link.url, [&] { return entity_of(link); }, "url");
  return fbs::CreateLink(context.out, link.id, context.out.CreateString(link.code), static_cast<fbs::State>(link.state),
                         link.campaign, link.partner, url);
}

// In a base what is deleted is left out; in a delta it hides the record of the base.
template <typename Record>
bool is_written(const BuildContext& context, const Record& record) {
  return record.state != model::State::deleted || context.is_delta();
}

}  // namespace

BuiltLinks build_links(BuildContext& context) {
  BuiltLinks built;
  std::vector<flatbuffers::Offset<fbs::Link>> links;
  std::unordered_set<std::string_view> codes;
  SnapshotIndexBuilder by_code(context.input.links.size());
  for (const model::Link& link : context.input.links) {
    if (!is_written(context, link)) {
      continue;
    }
    if (!codes.insert(link.code).second) {
      context.problem(entity_of(link), "code", "\"" + link.code + "\" is used by two links");
    }
    links.push_back(write(context, link));
    by_code.add(text_hash(link.code), static_cast<std::uint32_t>(links.size()));
  }
  std::vector<flatbuffers::Offset<fbs::Partner>> partners;
  std::unordered_set<std::uint32_t> ids;
  SnapshotIndexBuilder by_id(context.input.partners.size());
  for (const model::Partner& partner : context.input.partners) {
    if (!is_written(context, partner)) {
      continue;
    }
    if (!ids.insert(partner.id).second) {
      context.problem(entity_of(partner), "id", "is used by two partners");
    }
    partners.push_back(write(context, partner));
    by_id.add(id_hash(partner.id), static_cast<std::uint32_t>(partners.size()));
  }
  built.links = context.out.CreateVector(links);
  built.link_by_code = context.index(by_code);
  built.partners = context.out.CreateVector(partners);
  built.partner_by_id = context.index(by_id);
  return built;
}

}  // namespace tributary
