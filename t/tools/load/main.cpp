// tributary-load: sends clicks and postbacks at a fixed rate and writes down what became of each. The last line of its
// output is a JSON object.
#include <cstdio>
#include <exception>

#include "t/tools/load/generator.h"
#include "t/tools/load/options.h"

int main(int argc, char** argv) {
  using namespace tributary::load;
  try {
    const Options options = parse_options(argc, argv);
    const auto start = monotonic_ns();
    Generator generator(options);
    Results& results = generator.run();
    const double seconds = static_cast<double>(monotonic_ns() - start) / 1e9;
    if (!results.close()) throw std::runtime_error("the disk is full: cannot write " + options.out);
    std::puts(results.summary_json(seconds).c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tributary-load: %s\n", error.what());
    return 1;
  }
}
