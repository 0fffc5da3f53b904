#include "admin-api/json/yaml_json.h"

#include <yaml.h>

#include <boost/json/serialize.hpp>
#include <charconv>
#include <stdexcept>

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr int kMaxDepth = 64;

class Document {
 public:
  explicit Document(const std::string& text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    loaded_ = yaml_parser_load(&parser_, &document_) != 0;
  }
  ~Document() {
    if (loaded_) yaml_document_delete(&document_);
    yaml_parser_delete(&parser_);
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  json::value root() {
    const auto* node = loaded_ ? yaml_document_get_root_node(&document_) : nullptr;
    if (node == nullptr) {
      throw std::runtime_error("malformed YAML at line " + std::to_string(parser_.problem_mark.line + 1));
    }
    return convert(*node, 0);
  }

 private:
  static std::string text(const yaml_node_t& node) {
    return {reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length};
  }

  // Plain words follow the core schema of YAML: null, booleans, numbers; the rest is text.
  static json::value scalar(const yaml_node_t& node) {
    auto word = text(node);
    if (node.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return json::value(word);
    if (word.empty() || word == "null" || word == "~") return nullptr;
    if (word == "true" || word == "false") return word == "true";
    const char* const end = word.data() + word.size();
    std::int64_t integer = 0;
    if (std::from_chars(word.data(), end, integer).ptr == end) return integer;
    double number = 0;
    if (std::from_chars(word.data(), end, number).ptr == end) return number;
    return json::value(word);
  }

  json::value convert(const yaml_node_t& node, int depth) {
    if (depth > kMaxDepth) throw std::runtime_error("YAML is nested too deeply");
    if (node.type == YAML_SCALAR_NODE) return scalar(node);
    if (node.type == YAML_SEQUENCE_NODE) {
      json::array list;
      for (auto* item = node.data.sequence.items.start; item < node.data.sequence.items.top; ++item) {
        list.push_back(convert(*yaml_document_get_node(&document_, *item), depth + 1));
      }
      return list;
    }
    json::object object;
    for (auto* pair = node.data.mapping.pairs.start; pair < node.data.mapping.pairs.top; ++pair) {
      object[text(*yaml_document_get_node(&document_, pair->key))] =
          convert(*yaml_document_get_node(&document_, pair->value), depth + 1);
    }
    return object;
  }

  yaml_parser_t parser_{};
  yaml_document_t document_{};
  bool loaded_ = false;
};

}  // namespace

std::string yaml_to_json(const std::string& yaml) {
  return json::serialize(Document(yaml).root());
}

}  // namespace tributary::admin
