// tributary-journal-write: makes a journal without nginx, for tests and benchmarks of the ingestor. Reads commands from
// standard input, one per line:
//
//   clicks COUNT CAMPAIGNS            clicks of campaigns 1 to CAMPAIGNS in turn, one millisecond apart, ending now
//   mixed COUNT                       a click, a trafficback and a postback each minute, all different, ending now
//   place COUNTRY CITY                the following clicks say that the edge found this place
//   postback CLICK TRANSACTION STATUS PAYOUT [REVENUE]   for the click with that number (from 0); STATUS as in
//                                     events.proto; without REVENUE the payout is also that
//   partner NUMBER                    the following clicks are of this partner
//   known ID                          the next number is this click of another journal
//   cost MICROS                       the following postbacks tell this cost
//   late POSTBACK-MILLISECONDS        time of the following postbacks, relative to now; negative is past
//   future SECONDS                    one click that far ahead of now
//   garbage TEXT                      a record that is no event
//   badkey                            a postback whose transaction is no UTF-8
//
// Prints the ids of the clicks when --ids is given. --die ends like kill -9: the ring is left as it is.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/event/event.h"
#include "core/journal/journal.h"

namespace tributary::tools {
namespace {

constexpr std::uint32_t kCloseTimeoutMs = 60'000;
constexpr std::uint32_t kNetwork = 1;

class Writer {
 public:
  Writer(Journal& journal, std::uint32_t edge, std::uint32_t slot) : journal_(journal), edge_(edge), slot_(slot) {}

  void clicks(std::uint64_t count, std::uint32_t campaigns) {
    for (std::uint64_t i = 0; i < count; ++i) click(start_ms_ - (count - i) / kClicksPerMs, 1 + i % campaigns);
  }

  void click(std::uint64_t time_ms, std::uint32_t campaign) { append_click(time_ms, sample_click(time_ms, campaign)); }

  // Clicks, trafficbacks, clicks of landers and postbacks that differ in everything that a rollup looks at.
  void mixed(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t time_ms = start_ms_ - i * kMixedStepMs;
      Click click = sample_click(time_ms, 1 + static_cast<std::uint32_t>(i % 3));
      click.unique = static_cast<std::uint32_t>(i % 8);
      click.visit.labels = static_cast<std::uint32_t>(i / 8 % 32);
      click.tracking.cost_micros = static_cast<std::int64_t>(i % 5) * 10'000;
      click.tracking.currency = kMixedCurrencies[i % kMixedCurrencies.size()];
      click.lander = static_cast<std::uint32_t>(i % 2);
      append_click(time_ms, click);
      if (click.lander != 0) append_lander_click(time_ms, click);
      Trafficback trafficback;
      trafficback.visit = click.visit;
      trafficback.tracking = click.tracking;
      trafficback.campaign = 1 + static_cast<std::uint32_t>(i % 3);
      append(header(time_ms), trafficback);
      Postback postback = sample_postback(i % 4 == 0 ? ids_.size() : ids_.size() - 1);
      const std::string transaction = "mixed" + std::to_string(i - i % 3 % 2);  // one or two postbacks each
      postback.transaction = transaction;
      postback.status = static_cast<ConversionStatus>(i % 7);
      postback.payout_micros = postback.revenue_micros = static_cast<std::int64_t>(i) * 1000;
      postback.currency = kMixedCurrencies[i % kMixedCurrencies.size()];
      append(header(wall_clock_ms()), postback);
    }
  }

  void postback(std::size_t number, std::string_view transaction, int status, std::int64_t payout,
                std::int64_t revenue) {
    Postback postback = sample_postback(number);
    postback.transaction = transaction;
    postback.status = static_cast<ConversionStatus>(status);
    postback.payout_micros = payout;
    postback.revenue_micros = revenue;
    append(header(wall_clock_ms() + static_cast<std::uint64_t>(late_ms_)), postback);
  }

  void garbage(std::string_view text) {
    const auto room = journal_.reserve(text.size());
    std::memcpy(room.data(), text.data(), text.size());
    journal_.commit(text.size());
  }

  void set_late(std::int64_t ms) { late_ms_ = ms; }
  void add_known(const std::string& id) {
    ids_.push_back({std::stoull(id.substr(0, 16), nullptr, 16), std::stoull(id.substr(16), nullptr, 16)});
  }
  void set_cost(std::int64_t micros) { cost_micros_ = micros; }
  void set_partner(std::uint32_t partner) { partner_ = partner; }
  void set_place(std::string country, std::string city) {
    country_ = std::move(country);
    city_ = std::move(city);
  }
  const std::vector<ClickIdentity>& ids() const { return ids_; }

 private:
  static constexpr std::uint64_t kClicksPerMs = 1000;
  static constexpr std::uint8_t kAddress[] = {192, 0, 2, 7};
  static constexpr std::uint64_t kMixedStepMs = 60'000;
  static constexpr std::array<std::string_view, 4> kMixedCurrencies = {"USD", "EUR", "", "usd"};

  Click sample_click(std::uint64_t time_ms, std::uint32_t campaign) {
    Click click;
    click.id = pack_click_id({time_ms, edge_, slot_, sequence_++ & 0xffff, campaign, 1});
    click.stream = 7;
    click.destination = 9;
    click.reason = RoutingReason::regular;
    click.unique = kUniqueCampaign;
    click.status = 302;
    click.affiliate = partner_;
    click.visit.address = kAddress;
    click.visit.user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36";
    click.visit.host = "track.example.com";
    click.visit.query = "utm_source=news&sub_id_1=a&cost=0.01";
    click.tracking.utm_source = "news";
    click.tracking.cost_micros = 10'000;
    click.tracking.currency = "USD";
    click.tracking.sub_ids[0] = "a";
    if (!country_.empty()) {
      click.visit.place.emplace();
      click.visit.place->country = country_;
      click.visit.place->city = city_;
    }
    return click;
  }

  void append_click(std::uint64_t time_ms, const Click& click) {
    ids_.push_back(click.id);
    append(header(time_ms), click);
  }

  void append_lander_click(std::uint64_t time_ms, const Click& click) {
    LanderClick next;
    next.id = pack_click_id({time_ms, edge_, slot_, sequence_++ & 0xffff, unpack_click_id(click.id).campaign, 1});
    next.click = click.id;
    next.visit = click.visit;
    next.stream = click.stream;
    next.lander = click.lander;
    next.destination = 9;
    next.reason = click.reason;
    next.status = click.status;
    append(header(time_ms), next);
  }

  // Of the click with this number; without one when there is none.
  Postback sample_postback(std::size_t number) {
    Postback postback;
    postback.conversion_id = (wall_clock_ms() << 12 | (slot_ & 0xf) << 8) + ++conversions_;
    postback.network = kNetwork;
    postback.verdict = PostbackVerdict::accepted;
    if (number < ids_.size()) postback.click = ids_[number];
    postback.payout_given = true;
    postback.revenue_given = true;
    postback.currency = "USD";
    postback.cost_micros = cost_micros_;
    postback.method = "GET";
    postback.uri = "/postback/network1";
    postback.verified = true;
    return postback;
  }

  EventHeader header(std::uint64_t time_ms) const { return {time_ms * 1000, edge_, slot_, 1, 1}; }

  template <typename Payload>
  void append(const EventHeader& event, const Payload& payload) {
    const std::size_t size = max_event_size(event, payload);
    auto room = journal_.reserve(size);
    while (room.empty()) {  // the ring is full: the writer thread makes room
      usleep(1000);
      room = journal_.reserve(size);
    }
    journal_.commit(encode_event(event, payload, room.data()));
  }

  Journal& journal_;
  std::uint32_t edge_;
  std::uint32_t slot_;
  std::uint64_t start_ms_ = wall_clock_ms();
  std::uint32_t sequence_ = 0;
  std::uint64_t conversions_ = 0;
  std::int64_t late_ms_ = 0;
  std::int64_t cost_micros_ = 0;
  std::uint32_t partner_ = 0;
  std::string country_;
  std::string city_;
  std::vector<ClickIdentity> ids_;
};

bool obey(Writer& writer, const std::string& line) {
  std::istringstream in(line);
  std::string verb;
  in >> verb;
  if (verb == "clicks") {
    std::uint64_t count = 0;
    std::uint32_t campaigns = 1;
    in >> count >> campaigns;
    writer.clicks(count, campaigns);
  } else if (verb == "mixed") {
    std::uint64_t count = 0;
    in >> count;
    writer.mixed(count);
  } else if (verb == "postback") {
    std::size_t click = 0;
    std::string transaction;
    int status = 0;
    std::int64_t payout = 0;
    in >> click >> transaction >> status >> payout;
    std::int64_t revenue = payout;
    in >> revenue;
    writer.postback(click, transaction == "-" ? "" : transaction, status, payout, in ? revenue : payout);
  } else if (verb == "place") {
    std::string country;
    std::string city;
    in >> country >> city;
    writer.set_place(country, city);
  } else if (verb == "partner") {
    std::uint32_t partner = 0;
    in >> partner;
    writer.set_partner(partner);
  } else if (verb == "cost") {
    std::int64_t micros = 0;
    in >> micros;
    writer.set_cost(micros);
  } else if (verb == "known") {
    std::string id;
    in >> id;
    writer.add_known(id);
  } else if (verb == "late") {
    std::int64_t ms = 0;
    in >> ms;
    writer.set_late(ms);
  } else if (verb == "future") {
    std::uint64_t seconds = 0;
    in >> seconds;
    writer.click(wall_clock_ms() + seconds * 1000, 1);
  } else if (verb == "garbage") {
    writer.garbage(line.substr(line.find(' ') + 1));
  } else if (verb == "badkey") {
    writer.postback(0, "\xff\xfe", 2, 1, 1);
  } else {
    return verb.empty();
  }
  return !in.bad();
}

struct Flags {
  JournalOptions journal;
  bool die = false;
  bool ids = false;
};

bool parse(int argc, char** argv, Flags& flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const bool last = i + 1 == argc;
    if (name == "--die") {
      flags.die = true;
    } else if (name == "--ids") {
      flags.ids = true;
    } else if (name == "--journal" && !last) {
      flags.journal.journal_path = argv[++i];
    } else if (name == "--run" && !last) {
      flags.journal.run_path = argv[++i];
    } else if (name == "--slot" && !last) {
      flags.journal.slot = static_cast<std::uint32_t>(std::stoul(argv[++i]));
    } else if (name == "--segment" && !last) {
      flags.journal.segment_bytes = std::stoul(argv[++i]);
    } else {
      return false;
    }
  }
  return !flags.journal.journal_path.empty() && !flags.journal.run_path.empty();
}

int run(const Flags& flags) {
  auto journal = Journal::open(flags.journal);
  if (!journal) {
    std::fprintf(stderr, "tributary-journal-write: %s\n", journal.error().message.c_str());
    return 1;
  }
  Writer writer(**journal, flags.journal.edge, flags.journal.slot);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (obey(writer, line)) continue;
    std::fprintf(stderr, "tributary-journal-write: cannot read \"%s\"\n", line.c_str());
    return 2;
  }
  if (flags.ids) {
    for (const ClickIdentity& id : writer.ids()) {
      std::printf("%016llx%016llx\n", static_cast<unsigned long long>(id.high),
                  static_cast<unsigned long long>(id.low));
    }
    std::fflush(stdout);
  }
  if (flags.die) _exit(0);
  (*journal)->close(kCloseTimeoutMs);
  return 0;
}

}  // namespace
}  // namespace tributary::tools

int main(int argc, char** argv) {
  tributary::tools::Flags flags;
  if (!tributary::tools::parse(argc, argv, flags)) {
    std::fputs(
        "usage: tributary-journal-write --journal PATH --run PATH [--slot N] [--segment BYTES] [--ids] [--die]\n",
        stderr);
    return 2;
  }
  return tributary::tools::run(flags);
}
