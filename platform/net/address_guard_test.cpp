#include "platform/net/address_guard.h"

#include <netinet/in.h>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

struct Case {
  const char* address;
  const char* use;  // empty: public
};

const Case kCases[] = {
    // IPv4, the edges of every block
    {"0.0.0.0", "this network"},
    {"0.255.255.255", "this network"},
    {"1.0.0.0", ""},
    {"8.8.8.8", ""},
    {"9.255.255.255", ""},
    {"10.0.0.0", "private use"},
    {"10.255.255.255", "private use"},
    {"11.0.0.0", ""},
    {"100.63.255.255", ""},
    {"100.64.0.0", "carrier NAT"},
    {"100.127.255.255", "carrier NAT"},
    {"100.128.0.0", ""},
    {"127.0.0.1", "loopback"},
    {"127.255.255.255", "loopback"},
    {"128.0.0.0", ""},
    {"169.253.255.255", ""},
    {"169.254.169.254", "link-local"},  // metadata of clouds
    {"169.255.0.0", ""},
    {"172.15.255.255", ""},
    {"172.16.0.0", "private use"},
    {"172.31.255.255", "private use"},
    {"172.32.0.0", ""},
    {"192.0.0.192", "protocols"},
    {"192.0.2.1", "documentation"},
    {"192.88.99.1", "6to4 relay"},
    {"192.167.255.255", ""},
    {"192.168.0.0", "private use"},
    {"192.168.255.255", "private use"},
    {"192.169.0.0", ""},
    {"198.17.255.255", ""},
    {"198.18.0.0", "benchmarks"},
    {"198.19.255.255", "benchmarks"},
    {"198.20.0.0", ""},
    {"198.51.100.7", "documentation"},
    {"203.0.113.7", "documentation"},
    {"223.255.255.255", ""},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.1", "future use"},
    {"255.255.255.255", "future use"},
    // IPv6
    {"::", "no address"},
    {"::1", "loopback"},
    {"::2", "embedded IPv4"},
    {"::127.0.0.1", "embedded IPv4"},
    {"::8.8.8.8", "embedded IPv4"},
    {"100::1", "discarding"},
    {"1fff::1", "no public use"},
    {"2000::1", ""},
    {"2606:4700:4700::1111", ""},
    {"2a00:1450:4001:82a::200e", ""},
    {"3ffe:ffff::1", ""},
    {"3fff:fff::1", "documentation"},
    {"4000::1", "no public use"},
    {"2001::1", "protocols"},  // Teredo
    {"2001:db8::1", "documentation"},
    {"fc00::1", "private use"},
    {"fd12:3456::1", "private use"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},
    {"64:ff9b:1::1", "local NAT64"},
    {"5f00::1", "no public use"},
    // IPv4 inside IPv6
    {"::ffff:127.0.0.1", "loopback"},
    {"::ffff:10.1.2.3", "private use"},
    {"::ffff:169.254.169.254", "link-local"},
    {"::ffff:8.8.8.8", ""},
    {"64:ff9b::127.0.0.1", "loopback"},
    {"64:ff9b::192.168.1.1", "private use"},
    {"64:ff9b::8.8.8.8", ""},
    {"2002:7f00:1::", "6to4"},
    {"2002:808:808::1", "6to4"},
    {"2a00:1450::5efe:127.0.0.1", "ISATAP"},
    {"2a00:1450::200:5efe:10.0.0.1", "ISATAP"},
};

IpAddress address_of(const char* text) {
  const auto address = IpAddress::parse(text);
  if (!address) fail_msg("%s is no address", text);
  return *address;
}

void every_block_of_addresses_is_known(void**) {
  for (const auto& [text, use] : kCases) {
    const auto found = special_use(address_of(text));
    if (found != use) fail_msg("%s is for [%.*s], not [%s]", text, static_cast<int>(found.size()), found.data(), use);
  }
}

void only_public_addresses_pass_without_a_list(void**) {
  const auto guard = AddressGuard::parse("");
  assert_true(guard->refusal(address_of("8.8.8.8")).empty());
  assert_string_equal(guard->refusal(address_of("::ffff:127.0.0.1")).c_str(), "127.0.0.1 is for loopback");
}

void listed_ranges_pass_and_their_neighbours_do_not(void**) {
  const auto guard = AddressGuard::parse("127.0.0.0/30, fd00:1::/33 192.168.7.9");
  for (const char* in : {"127.0.0.3", "::ffff:127.0.0.1", "fd00:1:7fff::1", "192.168.7.9"}) {
    if (!guard->refusal(address_of(in)).empty()) fail_msg("%s was refused", in);
  }
  for (const char* out : {"127.0.0.4", "fd00:1:8000::1", "192.168.7.8", "64:ff9b::127.0.0.1"}) {
    if (guard->refusal(address_of(out)).empty()) fail_msg("%s passed", out);
  }
}

void a_list_that_is_none_is_refused_with_the_word(void**) {
  for (const char* bad :
       {"10.0.0.0/33", "10.0.0", "fd00::/129", "localhost", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1"}) {
    const auto guard = AddressGuard::parse(std::string("127.0.0.1 ") + bad);
    if (guard) fail_msg("%s was taken", bad);
    assert_true(guard.error().starts_with(bad));
  }
}

void everything_may_be_allowed(void**) {
  const auto guard = AddressGuard::parse("0.0.0.0/0 ::/0");
  for (const auto& one : kCases) assert_true(guard->refusal(address_of(one.address)).empty());
}

void an_address_of_another_family_is_none(void**) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  assert_false(IpAddress::from(&other).has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_block_of_addresses_is_known),
      cmocka_unit_test(only_public_addresses_pass_without_a_list),
      cmocka_unit_test(listed_ranges_pass_and_their_neighbours_do_not),
      cmocka_unit_test(a_list_that_is_none_is_refused_with_the_word),
      cmocka_unit_test(everything_may_be_allowed),
      cmocka_unit_test(an_address_of_another_family_is_none),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
