#include "core/postback/status_words.h"

#include "core/base/word_table.h"

namespace tributary {
namespace {

using enum ConversionStatus;

constexpr WordEntry<ConversionStatus> kWords[] = {
    {"lead", lead},           {"install", lead},       {"visit", lead},        {"registered", lead},
    {"registration", lead},   {"new", lead},           {"pending", lead},      {"hold", lead},
    {"wait", lead},           {"waiting", lead},       {"expect", lead},       {"sale", sale},
    {"confirm", sale},        {"confirmed", sale},     {"approve", sale},      {"approved", sale},
    {"accept", sale},         {"accepted", sale},      {"paid", sale},         {"deposit", sale},
    {"reject", rejected},     {"rejected", rejected},  {"decline", rejected},  {"declined", rejected},
    {"cancel", rejected},     {"cancelled", rejected}, {"canceled", rejected}, {"fail", rejected},
    {"failed", rejected},     {"spam", rejected},      {"reversed", rejected}, {"refund", rejected},
    {"chargeback", rejected}, {"trash", trash},        {"rebill", rebill},
};
constexpr WordTable kStatusWords{kWords};

}  // namespace

ConversionStatus find_status_word(std::string_view word) noexcept {
  const auto* entry = kStatusWords.find(word);
  return entry != nullptr ? entry->value : unmapped;
}

}  // namespace tributary
