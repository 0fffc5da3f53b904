#include "core/snapshot/build_landers.h"

#include <algorithm>
#include <vector>

#include "core/snapshot/format.h"

namespace tributary {
namespace {

std::string entity_of(const model::Lander& lander) {
  return "lander " + std::to_string(lander.id);
}

}  // namespace

LandersBuilder::LandersBuilder(BuildContext& context) : context_(context) {
  landers_.reserve(context.input.landers.size());
  for (const model::Lander& lander : context.input.landers) {
    if (lander.id == 0 || !landers_.emplace(lander.id, KnownLander{&lander, 0}).second) {
      context.problem(entity_of(lander), "id", "is 0 or used by two landers");
    }
    if (lander.url.empty()) {
      context.problem(entity_of(lander), "url", "is missing");
    }
  }
}

LandersBuilder::Written LandersBuilder::write(const model::Stream& stream, const std::function<std::string()>& entity) {
  if (stream.landers.empty()) {
    return {};
  }
  if (stream.landers.size() > kMaxStreamLanders) {
    context_.problem(entity(), "landers", "are more than " + std::to_string(kMaxStreamLanders));
    return {};
  }
  std::vector<flatbuffers::Offset<fbs::StreamLander>> items;
  std::vector<std::uint32_t> weights;  // a paused lander has no place in the rotation
  for (const model::StreamLander& item : stream.landers) {
    const auto known = landers_.find(item.lander);
    if (known == landers_.end()) {
      context_.problem(entity(), "landers", "lander " + std::to_string(item.lander) + " does not exist");
      continue;
    }
    const auto lander = known->second.model->state == model::State::deleted ? 0 : write_lander(known->second);
    if (!lander.IsNull()) {
      items.push_back(fbs::CreateStreamLander(context_.out, lander, item.weight));
      weights.push_back(known->second.model->state == model::State::active ? item.weight : 0);
    }
  }
  const bool has_weight = std::any_of(stream.landers.begin(), stream.landers.end(),
                                      [](const model::StreamLander& item) { return item.weight > 0; });
  if (!has_weight) {
    context_.problem(entity(), "landers", "all have weight 0");
  }
  Written written;
  written.schedule = stream.selector == model::Selector::sticky ? 0 : context_.schedule(weights);
  written.items = context_.out.CreateVector(items);
  return written;
}

flatbuffers::Offset<fbs::Lander> LandersBuilder::write_lander(KnownLander& lander) {
  const model::Lander& model = *lander.model;
  if (lander.offset.IsNull()) {
    const auto url = context_.url_template(
        model.url, [&] { return entity_of(model); }, "url");
    if (!url.IsNull()) {
      lander.offset = fbs::CreateLander(context_.out, model.id, static_cast<fbs::State>(model.state), url);
    }
  }
  return lander.offset;
}

}  // namespace tributary
