#include <cstdlib>
#include <string_view>

#include "core/user_agent/agent_classifier.h"

using namespace tributary;

namespace {

constexpr std::string_view kRules =
    "tributary-user-agents 1\n"
    "[browser]\n(Chrome|Version)/(\\d+)\\.(\\d+)(?:\\.(\\d+)|)\t-\t$1\t$2\t$3\t$4\n(.*)\t-\tOther\t$9\n"
    "[os]\niPhone OS (\\d+)_(\\d+)\t-\tiOS\t$1\t$2\nandroid (\\S+)\ti\tAndroid$\t$1\n"
    "[device]\n; *(SM)-([^;/]*)(?: Build|\\))\t-\tSamsung $1\t$1-$2 \n(bot)\ti\tSpider\t$1\n"
    "[bot]\n^Googlebot\\/\t-\n"
    "[type]\niPhone|Android.*Mobile\t-\tphone\n";

}  // namespace

// What is remembered is what is found, whatever was asked in between.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = AgentRules::parse(kRules);
  static AgentClassifier classifier(**rules, 1, 64 * 1024);
  const std::string_view user_agent{reinterpret_cast<const char*>(data), size};
  AgentScratch scratch;
  const Agent found = (*rules)->match(user_agent, scratch);
  if (!(classifier.classify(user_agent) == found) || !(classifier.classify(user_agent) == found)) {
    std::abort();
  }
  return 0;
}
