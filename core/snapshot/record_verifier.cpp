#include "core/snapshot/record_verifier.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/plain_text.h"
#include "core/click_id/click_id.h"
#include "core/event/event.h"
#include "core/postback/field.h"
#include "core/request/source_names.h"
#include "core/snapshot/format.h"
#include "core/snapshot/index_verifier.h"
#include "core/snapshot/rule_verifier.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/weighted_schedule.h"
#include "core/url/next_hop.h"
#include "core/url/url_origin.h"
#include "core/url/url_template.h"

namespace tributary {
namespace {

using flatbuffers::String;
using flatbuffers::Vector;

template <typename T>
std::size_t size_of(const Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

bool plain(const String* text, std::size_t max_length) {
  return is_plain_text(text_of(text), max_length);
}

// Templates and schedules are shared by many records: each is looked at once.
class RecordVerifier {
 public:
  explicit RecordVerifier(const fbs::Snapshot& root) : root_(root), rules_(root.cap_slots()) {}

  std::string verify() {
    const bool ok = campaign_by_name() && index("campaign_by_id", root_.campaign_by_id(), size_of(root_.campaigns())) &&
                    index("network_by_key", root_.network_by_key(), size_of(root_.networks())) &&
                    index("network_by_id", root_.network_by_id(), size_of(root_.networks())) &&
                    index("link_by_code", root_.link_by_code(), size_of(root_.links())) &&
                    index("partner_by_id", root_.partner_by_id(), size_of(root_.partners())) &&
                    url_template(root_.trafficback(), "installation", 0) && teams() && click_keys() && domains() &&
                    rotations() && campaigns() && networks() && links() && partners() && advertisers() && event_keys();
    return ok ? std::string() : std::move(problem_);
  }

 private:
  bool fail(std::string_view entity, std::uint64_t id, std::string_view what) {
    problem_ = std::string(entity) + " " + std::to_string(id) + ": " + std::string(what);
    return false;
  }

  bool index(std::string_view name, const Vector<const fbs::IndexSlot*>* slots, std::size_t records) {
    const std::string_view problem = index_problem(slots, records);
    return problem.empty() || fail(name, size_of(slots), problem);
  }

  // Its slots hold places: each must be that of a campaign.
  bool campaign_by_name() {
    const auto* campaigns = root_.campaigns();
    std::vector<std::uint32_t> places(size_of(campaigns));
    for (std::uint32_t i = 0; i < places.size(); ++i) {
      const auto* record = reinterpret_cast<const std::uint8_t*>(campaigns->Get(i));
      places[i] = static_cast<std::uint32_t>(record - campaigns->Data());
    }
    std::sort(places.begin(), places.end());
    const std::string_view problem = index_problem(root_.campaign_by_name(), places.size(), [&](std::uint32_t place) {
      return std::binary_search(places.begin(), places.end(), place);
    });
    return problem.empty() || fail("campaign_by_name", size_of(root_.campaign_by_name()), problem);
  }

  static bool part(const fbs::TemplatePart& part, const fbs::UrlTemplate& url) {
    const auto macro = static_cast<Macro>(part.macro());
    const std::size_t text_length = url.text()->size();
    const bool in_text = part.offset() <= text_length && part.length() <= text_length - part.offset();
    const bool has_argument = (part.modifiers() & kModifierArgument) != 0;
    if (macro == Macro::literal) {
      return in_text;
    }
    const unsigned zone = part.modifiers() >> kZoneShift;
    return !macro_name(macro).empty() && has_argument == takes_argument(macro) && (!has_argument || in_text) &&
           zone <= size_of(url.zones());
  }

  // Scheme and host are literal, so a target cannot become another one, whatever the values are.
  bool url_template(const fbs::UrlTemplate* url, std::string_view entity, std::uint64_t id) {
    if (url == nullptr || !templates_.insert(url).second) {
      return true;
    }
    const std::string_view text = text_of(url->text());
    const auto* parts = url->parts();
    if (!is_plain_text(text, kMaxTemplateLength) || parts->size() == 0 || parts->size() > kMaxTemplateParts) {
      return fail(entity, id, "a URL template is too long, empty, or has control characters");
    }
    for (const fbs::TemplatePart* item : *parts) {
      if (!part(*item, *url)) {
        return fail(entity, id, "a URL template names text, a macro or a time zone that does not exist");
      }
    }
    for (std::uint32_t i = 0; i < size_of(url->zones()); ++i) {
      if (const auto problem = rules_.zone(url->zones()->Get(i)); !problem.empty()) {
        return fail(entity, id, problem);
      }
    }
    const fbs::TemplatePart& first = *parts->Get(0);
    const std::string_view start = first.macro() == 0 ? text.substr(first.offset(), first.length()) : "";
    const UrlOrigin origin = check_url_origin(start);
    if (!origin.error.empty() || (origin.length == start.size() && parts->size() > 1)) {
      return fail(entity, id, "a URL template does not begin with http:// or https:// and a literal host");
    }
    return true;
  }

  bool teams() {
    std::pair<std::uint64_t, std::uint64_t> last{};
    for (std::uint32_t i = 0; i < size_of(root_.teams()); ++i) {
      const fbs::Team* team = root_.teams()->Get(i);
      const auto id = std::pair(team->id()->high(), team->id()->low());
      if (i > 0 && id <= last) {
        return fail("team", i, "teams are not sorted by id");
      }
      last = id;
      if (!url_template(team->trafficback(), "team", i)) {
        return false;
      }
    }
    return true;
  }

  bool click_keys() {
    if (size_of(root_.click_keys()) > kMaxClickKeys) {
      return fail("click key", size_of(root_.click_keys()), "there are more than 16");
    }
    for (std::uint32_t i = 0; i < size_of(root_.click_keys()); ++i) {
      const fbs::ClickKey* key = root_.click_keys()->Get(i);
      if (key->id() >= kMaxClickKeys || key->key()->size() != kClickKeyBytes) {
        return fail("click key", key->id(), "the id is above 15 or the key has not 16 bytes");
      }
    }
    return true;
  }

  // Highest place of a schedule, remembered by address.
  std::uint32_t highest_ordinal(const Vector<std::uint16_t>* schedule) {
    const auto [known, added] = schedules_.try_emplace(schedule, 0);
    if (added) {
      known->second = *std::max_element(schedule->data(), schedule->data() + schedule->size());
    }
    return known->second;
  }

  // What the evaluator's short way may take for granted.
  static bool is_plain(const fbs::Stream& stream) {
    bool plain = stream.selector() == fbs::Selector::Weighted && size_of(stream.conditions()) == 0 &&
                 size_of(stream.caps()) == 0 && stream.anti_repeat_window_s() == 0 && size_of(stream.landers()) == 0;
    for (std::uint32_t i = 0; i < size_of(stream.destinations()); ++i) {
      const fbs::Destination& item = *stream.destinations()->Get(i)->destination();
      plain = plain && size_of(item.schedules()) == 0 && size_of(item.caps()) == 0 && item.overflow() == nullptr;
    }
    return plain;
  }

  // `slots`: how many counters there are for streams to name.
  bool stream(const fbs::Stream& stream, std::string_view owner, std::uint32_t id, std::size_t slots) {
    const std::size_t destinations = size_of(stream.destinations());
    if (destinations > kMaxStreamDestinations) {
      return fail(owner, id, "a stream has too many destinations");
    }
    for (std::uint32_t i = 0; i < destinations; ++i) {
      if (!destination(*stream.destinations()->Get(i)->destination())) {
        return false;
      }
    }
    const std::size_t places = size_of(stream.schedule());
    if (places > kMaxSchedulePlaces || (places > 0 && highest_ordinal(stream.schedule()) >= destinations)) {
      return fail(owner, id, "a schedule is too long or names a destination that does not exist");
    }
    const bool selector = stream.selector() >= fbs::Selector::Weighted && stream.selector() <= fbs::Selector::BestRoi;
    const bool kind = stream.kind() >= fbs::StreamKind::Forced && stream.kind() <= fbs::StreamKind::Default;
    if (!selector || !kind || !known_state(stream.state())) {
      return fail(owner, id, "a stream has a selector, kind or state that is not known");
    }
    if (stream.exploration_percent() > 100) {
      return fail(owner, id, "a stream explores with more than all visitors");
    }
    if (stream.plain() && !is_plain(stream)) {
      return fail(owner, id, "a stream is called plain and has rules");
    }
    if (!is_redirect_status(stream.redirect_status())) {
      return fail(owner, id, "a stream has a status that is not a redirect");
    }
    if (stream.redirect_kind() > fbs::RedirectKind::Json) {
      return fail(owner, id, "a stream has a kind of redirect that is not known");
    }
    if (stream.rotation_slot() >= slots) {
      return fail(owner, id, "a stream has a rotation slot that does not exist");
    }
    return landers(stream, owner, id) && rules("stream", stream.id(), rules_.conditions(stream.conditions())) &&
           rules("stream", stream.id(), rules_.caps(stream.caps())) &&
           url_template(stream.trafficback(), "stream", stream.id());
  }

  // Landers are shared by many streams: each is looked at once.
  bool landers(const fbs::Stream& stream, std::string_view owner, std::uint32_t owner_id) {
    const std::size_t landers = size_of(stream.landers());
    const std::size_t places = size_of(stream.lander_schedule());
    if (landers > kMaxStreamLanders || places > kMaxSchedulePlaces ||
        (places > 0 && highest_ordinal(stream.lander_schedule()) >= landers)) {
      return fail(owner, owner_id, "a stream has too many landers, or a schedule that names one it has not");
    }
    if (landers > 0 && stream.lander_rotation_slot() >= root_.rotation_slots()) {
      return fail(owner, owner_id, "a stream has a rotation slot for landers that does not exist");
    }
    for (std::uint32_t i = 0; i < landers; ++i) {
      const fbs::Lander& item = *stream.landers()->Get(i)->lander();
      if (!landers_.insert(&item).second) {
        continue;
      }
      if (item.id() == 0 || !known_state(item.state())) {
        return fail("lander", item.id(), "the id or the state is out of range");
      }
      if (!url_template(item.url(), "lander", item.id())) {
        return false;
      }
    }
    return true;
  }

  bool rules(std::string_view entity, std::uint32_t id, std::string_view problem) {
    return problem.empty() || fail(entity, id, problem);
  }

  // And those that its overflow leads to. The depth that the structure may have bounds the chain.
  bool destination(const fbs::Destination& first) {
    for (const fbs::Destination* item = &first; item != nullptr && destinations_.insert(item).second;
         item = item->overflow()) {
      if (!known_state(item->state()) || !plain(item->currency(), 3) || item->payout_micros() < 0) {
        return fail("destination", item->id(), "the state is not known, or payout or currency is out of range");
      }
      if ((item->redirect_status() != 0 && !is_redirect_status(item->redirect_status())) ||
          item->redirect_kind() > fbs::RedirectKind::Json) {
        return fail("destination", item->id(), "the status or kind of its redirect is not known");
      }
      if (!url_template(item->url(), "destination", item->id()) ||
          !rules("destination", item->id(), rules_.schedules(item->schedules())) ||
          !rules("destination", item->id(), rules_.caps(item->caps()))) {
        return false;
      }
    }
    return true;
  }

  static bool known_state(fbs::State state) { return state >= fbs::State::Active && state <= fbs::State::Deleted; }

  // Sources are shared by many campaigns: each is looked at once.
  bool source_names(const fbs::Source* source, std::uint32_t campaign) {
    if (source == nullptr || !sources_.insert(source).second) {
      return true;
    }
    std::string_view last;
    for (const fbs::SourceName* item : *source->names()) {
      const std::string_view name = text_of(item->name());
      const bool known = tracking_target(static_cast<Macro>(item->field())).name != TrackingName::none;
      if (!known || name <= last || !is_plain_text(name, kMaxSourceName)) {
        return fail("campaign", campaign, "the names of its source are not sorted, or one is out of range");
      }
      last = name;
    }
    if (!plain(source->currency(), 3)) {
      return fail("campaign", campaign, "the currency of its source is too long or has control characters");
    }
    return source->names()->size() <= kMaxSourceNames || fail("campaign", campaign, "its source has too many names");
  }

  bool domains() {
    std::string_view last;
    for (std::uint32_t i = 0; i < size_of(root_.domains()); ++i) {
      const std::string_view host = text_of(root_.domains()->Get(i)->host());
      if (host <= last || !is_plain_text(host, kMaxHostLength)) {
        return fail("domain", i, "domains are not sorted by host, or one is out of range");
      }
      last = host;
    }
    return true;
  }

  bool campaign(const fbs::Campaign& campaign, const SnapshotLayer& layer) {
    const std::uint32_t id = campaign.id();
    if (id == 0 || id > kMaxCampaignId || !known_state(campaign.state())) {
      return fail("campaign", id, "the id or the state is out of range");
    }
    if (!plain(campaign.host(), kMaxHostLength) || !plain(campaign.slug(), kMaxSlugLength) ||
        !plain(campaign.currency(), 3)) {
      return fail("campaign", id, "host, slug or currency is too long or has control characters");
    }
    if (campaign.stream_order() > fbs::StreamOrder::Weight || size_of(campaign.streams()) > kMaxStreamsPerCampaign) {
      return fail("campaign", id, "the order of streams is not known or there are too many");
    }
    if (!url_template(campaign.trafficback(), "campaign", id) || !url_template(campaign.landing(), "campaign", id) ||
        !source_names(campaign.source_names(), id)) {
      return false;
    }
    if (size_of(campaign.next_hops()) > kMaxNextHops) {
      return fail("campaign", id, "there are too many next hops");
    }
    for (std::uint32_t i = 0; i < size_of(campaign.next_hops()); ++i) {
      if (!next_hop_problem(text_of(campaign.next_hops()->Get(i))).empty()) {
        return fail("campaign", id, "a next hop is not the beginning of a URL");
      }
    }
    if (campaign.rotation() != 0 && size_of(campaign.streams()) > 0) {
      return fail("campaign", id, "it has a rotation and streams of its own");
    }
    for (std::uint32_t i = 0; i < size_of(campaign.rotation_slots()); ++i) {
      if (campaign.rotation_slots()->Get(i) >= root_.rotation_slots()) {
        return fail("campaign", id, "it has a rotation slot that does not exist");
      }
    }
    for (std::uint32_t i = 0; i < size_of(campaign.streams()); ++i) {
      if (!stream(*campaign.streams()->Get(i), "campaign", id, root_.rotation_slots())) {
        return false;
      }
    }
    const bool live = campaign.state() != fbs::State::Deleted;
    return reachable(campaign, live, layer.campaign(text_of(campaign.host()), text_of(campaign.slug())), "campaign") &&
           reachable(campaign, live, layer.campaign(id), "campaign");
  }

  // A live record is found under its keys; a deleted one may stand behind a live one.
  template <typename Record>
  bool reachable(const Record& record, bool live, const Record* found, std::string_view entity) {
    const bool ok = live ? found == &record : found != nullptr;
    return ok || fail(entity, record.id(), "the index does not find it under its own key");
  }

  bool campaigns() {
    const SnapshotLayer layer(&root_);
    for (std::uint32_t i = 0; i < size_of(root_.campaigns()); ++i) {
      if (!campaign(*root_.campaigns()->Get(i), layer)) {
        return false;
      }
    }
    return true;
  }

  bool rotations() {
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < size_of(root_.rotations()); ++i) {
      const fbs::Rotation& rotation = *root_.rotations()->Get(i);
      if (rotation.id() <= last || size_of(rotation.streams()) > kMaxRotationStreams) {
        return fail("rotation", rotation.id(), "rotations are not sorted by id, or it has too many streams");
      }
      last = rotation.id();
      for (std::uint32_t j = 0; j < size_of(rotation.streams()); ++j) {
        if (!stream(*rotation.streams()->Get(j), "rotation", rotation.id(), kMaxRotationStreams)) {
          return false;
        }
      }
    }
    return true;
  }

  bool parameters(const fbs::Network& network) {
    for (std::uint32_t i = 0; i < size_of(network.parameters()); ++i) {
      const fbs::ParameterMapping* mapping = network.parameters()->Get(i);
      if (mapping->names()->size() > kMaxParameterNames || !plain(mapping->constant(), kMaxTextLength) ||
          postback_field_name(static_cast<PostbackField>(mapping->field())).empty()) {
        return fail("network", network.id(), "a parameter mapping is out of range");
      }
      for (const String* name : *mapping->names()) {
        if (!plain(name, kMaxTextLength)) {
          return fail("network", network.id(), "a parameter name is out of range");
        }
      }
    }
    return true;
  }

  bool statuses(const fbs::Network& network) {
    std::string_view last;
    for (std::uint32_t i = 0; i < size_of(network.statuses()); ++i) {
      const fbs::StatusMapping* mapping = network.statuses()->Get(i);
      const std::string_view word = text_of(mapping->word());
      if (!is_plain_text(word, kMaxTextLength) || word <= last || !known_status(mapping->status())) {
        return fail("network", network.id(), "the status words are not sorted, or one is out of range");
      }
      last = word;
    }
    return true;
  }

  static bool known_status(std::uint8_t status) {
    return status <= static_cast<std::uint8_t>(ConversionStatus::custom);
  }

  bool network(const fbs::Network& network, const SnapshotLayer& layer) {
    const std::string_view key = text_of(network.key());
    if (network.id() == 0 || key.empty() || !is_plain_text(key, kMaxNetworkKeyLength)) {
      return fail("network", network.id(), "the id or the key is out of range");
    }
    const bool live = network.state() != fbs::State::Deleted;
    return calls(network, live) && reachable(network, live, layer.network(key), "network") &&
           reachable(network, live, layer.network(network.id()), "network");
  }

  // How calls are taken, of a network or of an affiliate.
  bool calls(const fbs::Network& network, bool live) {
    if (!known_state(network.state()) || !plain(network.currency(), 3) || !known_status(network.default_status()) ||
        network.answer() > fbs::PostbackAnswer::Empty) {
      return fail("network", network.id(), "state, currency, default status or answer is out of range");
    }
    const bool auth = network.auth() >= fbs::PostbackAuth::None && network.auth() <= fbs::PostbackAuth::Hmac;
    if (live && !auth) {
      return fail("network", network.id(), "the kind of authentication is not known");
    }
    for (std::uint32_t i = 0; i < size_of(network.secrets()); ++i) {
      if (network.secrets()->Get(i)->sha256()->size() != kSecretHashBytes) {
        return fail("network", network.id(), "the hash of a secret has not 32 bytes");
      }
    }
    for (std::uint32_t i = 0; i < size_of(network.allowed()); ++i) {
      if (!plain(network.allowed()->Get(i), kMaxTextLength)) {
        return fail("network", network.id(), "an address that may call is out of range");
      }
    }
    return parameters(network) && statuses(network) && signature(network);
  }

  bool signature(const fbs::Network& network) {
    const auto* secrets = network.signature_secrets();
    if (network.envelope() > fbs::Envelope::ClickbankIns) {
      return fail("network", network.id(), "the envelope of its calls is not known");
    }
    if (!signature_secrets(secrets, kMinNetworkSecret)) {
      return fail("network", network.id(), "it has too many secrets, or one that is too short or too long");
    }
    const fbs::CallSignature* rules = network.signature();
    if (rules == nullptr) {
      return true;
    }
    const auto name = [](const flatbuffers::String* text) {
      return is_plain_text(text_of(text), kMaxSignatureCarrier) && !text_of(text).empty();
    };
    const auto* names = rules->parameters();
    const bool listed =
        size_of(names) <= kMaxSignedParameters && (names == nullptr || std::all_of(names->begin(), names->end(), name));
    if (rules->scheme() > fbs::SignatureScheme::Webhook || rules->hash() > fbs::SignatureHash::Md5 || !listed ||
        !name(rules->carrier()) || !plain(rules->time(), kMaxSignatureCarrier) ||
        rules->tolerance_s() > kMaxSignatureTolerance_s) {
      return fail("network", network.id(), "how its calls are signed is out of range");
    }
    return true;
  }

  static bool signature_secrets(const flatbuffers::Vector<flatbuffers::Offset<fbs::SignatureSecret>>* secrets,
                                std::size_t least) {
    if (size_of(secrets) > kMaxSignatureSecrets) {
      return false;
    }
    return secrets == nullptr || std::all_of(secrets->begin(), secrets->end(), [&](const fbs::SignatureSecret* item) {
             return item->secret()->size() >= least && item->secret()->size() <= kMaxSignatureSecret;
           });
  }

  bool networks() {
    const SnapshotLayer layer(&root_);
    for (std::uint32_t i = 0; i < size_of(root_.networks()); ++i) {
      if (!network(*root_.networks()->Get(i), layer)) {
        return false;
      }
    }
    return true;
  }

  // A code stands in a URL as it is.
  bool links() {
    const SnapshotLayer layer(&root_);
    for (std::uint32_t i = 0; i < size_of(root_.links()); ++i) {
      const fbs::Link& link = *root_.links()->Get(i);
      if (link.id() == 0 || !known_state(link.state()) || !is_link_code(text_of(link.code()))) {
        return fail("link", link.id(), "the id, the state or the code is out of range");
      }
      if (!url_template(link.url(), "link", link.id()) ||
          !reachable(link, true, layer.link(text_of(link.code())), "link")) {
        return false;
      }
    }
    return true;
  }

  bool partners() {
    const SnapshotLayer layer(&root_);
    for (std::uint32_t i = 0; i < size_of(root_.partners()); ++i) {
      const fbs::Partner& partner = *root_.partners()->Get(i);
      if (partner.id() == 0 || !known_state(partner.state())) {
        return fail("partner", partner.id(), "the id or the state is out of range");
      }
      if (partner.postback() != nullptr && !calls(*partner.postback(), true)) {
        return false;
      }
      if (!reachable(partner, true, layer.partner(partner.id()), "partner")) {
        return false;
      }
    }
    return true;
  }

  bool advertisers() {
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < size_of(root_.advertisers()); ++i) {
      const fbs::Advertiser& advertiser = *root_.advertisers()->Get(i);
      const std::uint32_t tolerance_s = advertiser.signature_tolerance_s();
      if (advertiser.id() <= last || !plain(advertiser.currency(), 3) || tolerance_s == 0 ||
          tolerance_s > kMaxSignatureTolerance_s) {
        return fail("advertiser", advertiser.id(), "ids are not sorted, or currency or tolerance is out of range");
      }
      last = advertiser.id();
      if (!signature_secrets(advertiser.signature_secrets(), kMinSignatureSecret)) {
        return fail("advertiser", advertiser.id(), "it has too many secrets, or one that is too short or too long");
      }
    }
    return true;
  }

  // The edge searches by hash.
  bool event_keys() {
    const auto* keys = root_.event_keys();
    for (std::uint32_t i = 0; i < size_of(keys); ++i) {
      if (keys->Get(i)->sha256()->size() != kSecretHashBytes) {
        return fail("event key", i, "the hash has not 32 bytes");
      }
      if (i > 0 &&
          std::memcmp(keys->Get(i - 1)->sha256()->data(), keys->Get(i)->sha256()->data(), kSecretHashBytes) >= 0) {
        return fail("event key", i, "keys are not sorted by hash");
      }
    }
    return true;
  }

  const fbs::Snapshot& root_;
  std::string problem_;
  RuleVerifier rules_;
  std::unordered_set<const void*> templates_;
  std::unordered_set<const void*> destinations_;
  std::unordered_set<const void*> landers_;
  std::unordered_set<const void*> sources_;
  std::unordered_map<const void*, std::uint32_t> schedules_;
};

}  // namespace

std::string verify_records(const fbs::Snapshot& root) {
  return RecordVerifier(root).verify();
}

}  // namespace tributary
