#pragma once

#include "core/event/event.h"

// Events with every field set to something of its own, for tests.
namespace tributary::samples {

inline constexpr std::uint8_t kAddress[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2a};
inline constexpr EventHeader kHeader{1'790'000'000'123'456, 7, 3, 2, 4711};
inline constexpr ClickIdentity kIdentity{0x0102'0304'0506'0708, 0x1112'1314'1510'0000};

inline constexpr Place kPlace{"CH", "EU", "ZH", "Zürich", "Example Telecom", "Cellular", 4'200'000'000};

inline Visit full_visit() {
  return {kAddress,
          "Mozilla/5.0 (X11)",
          "https://ref.example/?a=1",
          "de-CH,de;q=0.9",
          "go.example",
          "s1=a&s2=%62",
          kLabelBot | kLabelTruncated,
          kPlace,
          "x-app: 7\nx-requested-with: com.example\n"};
}

inline Tracking full_tracking() {
  Tracking tracking{"google", "cpc", "spring", "banner", "shoes", "gclid-1", "red shoes", -1'250'000, "EUR", {}};
  for (std::size_t i = 0; i < kSubIdCount; ++i) {
    tracking.sub_ids[i] = std::string_view("abcdefghijklmnopqrstuvwxyz0123").substr(i);
  }
  return tracking;
}

inline Click full_click() {
  return {kIdentity,
          full_visit(),
          full_tracking(),
          11,
          12,
          13,
          RoutingReason::regular,
          kUniqueStream | kUniqueGlobal,
          302,
          "ext-1",
          14,
          15,
          (1ull << 53) - 1,
          16,
          false};
}

inline LanderClick full_lander_click() {
  return {{0x0102'0304'0506'0709, 0x1112'1314'1520'0000},
          kIdentity,
          full_visit(),
          full_tracking(),
          41,
          42,
          43,
          44,
          RoutingReason::forced,
          303};
}

inline Trafficback full_trafficback() {
  return {kIdentity,
          full_visit(),
          full_tracking(),
          RoutingReason::no_destination,
          21,
          2,
          1,
          302,
          {0x0102'0304'0506'0709, 0x1112'1314'1520'0000},
          31,
          32,
          33};
}

inline Postback full_postback() {
  Postback postback{.conversion_id = 9'007'199'254'740'991,
                    .network = 31,
                    .affiliate = 32,
                    .verdict = PostbackVerdict::unknown_status,
                    .click = kIdentity,
                    .click_text = "d0rh86r00082001g00008n5pdewyd7h4",
                    .transaction = "tx-1",
                    .status = ConversionStatus::rebill,
                    .raw_status = "Weird",
                    .event = "deposit",
                    .payout_micros = 12'500'000,
                    .revenue_micros = -3,
                    .cost_micros = 1,
                    .payout_given = true,
                    .revenue_given = true,
                    .currency = "USD",
                    .address = kAddress,
                    .method = "POST",
                    .uri = "/postback/n?subid=1",
                    .body = "status=Weird",
                    .verified = true,
                    .custom = {},
                    .signature = "0123456789abcdef0123456789abcdef"};
  for (std::size_t i = 0; i < kCustomFieldCount; ++i) {
    postback.custom[i] = std::string_view("abcdefghijklmnopqrst").substr(i);
  }
  return postback;
}

inline CustomerEvent full_customer_event() {
  return {.advertiser = 51,
          .id_high = 0x2122'2324'2526'2728,
          .id_low = 0x3132'3334'3536'3738,
          .action = CustomerAction::drop_off,
          .value_given = true,
          .value_micros = 49'900'000,
          .currency = "EUR",
          .coupon_code = "ANNA-10",
          .ref_code = "anna-summer",
          .landing_url = "https://shop.example/?ref_code=anna-summer",
          .referrer = "https://blog.example/",
          .click_text = "d0rh86r00082001g00008n5pdewyd7h4",
          .click = kIdentity,
          .customer_key = "customer-1",
          .properties = R"({"sku":"A-1"})",
          .address = kAddress,
          .verified = true};
}

}  // namespace tributary::samples
