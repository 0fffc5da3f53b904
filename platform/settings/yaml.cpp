#include "platform/settings/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "platform/settings/settings.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxBytes = 1u << 20;
constexpr std::size_t kMaxDepth = 8;

class Event {
 public:
  Event() = default;
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  yaml_event_t* operator->() { return &event_; }
  yaml_event_t* get() { return &event_; }

 private:
  yaml_event_t event_{};
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : name_(name.empty() ? "settings" : name) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  ~Reader() { yaml_parser_delete(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::vector<YamlScalar> run();

 private:
  void next(Event& event);
  void mapping(const std::string& prefix, std::size_t depth);
  void entry(Event& key_event, const std::string& prefix, std::size_t depth);
  void refuse_decorations(const yaml_event_t& event, const std::string& key) const;
  std::string at(const yaml_mark_t& mark) const {
    return name_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  }

  std::string name_;
  yaml_parser_t parser_{};
  std::vector<YamlScalar> found_;
  std::set<std::string> seen_;
};

std::string_view scalar_text(const yaml_event_t& event) {
  return {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length};
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

void Reader::next(Event& event) {
  if (yaml_parser_parse(&parser_, event.get()) == 1) return;
  throw SettingsError(at(parser_.problem_mark) +
                      ": not YAML: " + (parser_.problem == nullptr ? "unreadable" : parser_.problem));
}

std::vector<YamlScalar> Reader::run() {
  Event stream;
  next(stream);
  Event document;
  next(document);
  if (document->type == YAML_STREAM_END_EVENT) return {};
  Event root;
  next(root);
  if (root->type == YAML_MAPPING_START_EVENT) {
    refuse_decorations(*root.get(), "the document");
    mapping("", 1);
  } else if (root->type != YAML_SCALAR_EVENT || root->data.scalar.length != 0) {
    throw SettingsError(at(root->start_mark) + ": settings are written as \"key: value\" lines");
  }
  Event document_end;
  next(document_end);
  Event end;
  next(end);
  if (end->type != YAML_STREAM_END_EVENT) throw SettingsError(at(end->start_mark) + ": a second document");
  return std::move(found_);
}

void Reader::mapping(const std::string& prefix, std::size_t depth) {
  for (;;) {
    Event key;
    next(key);
    if (key->type == YAML_MAPPING_END_EVENT) return;
    entry(key, prefix, depth);
  }
}

void Reader::entry(Event& key_event, const std::string& prefix, std::size_t depth) {
  if (key_event->type != YAML_SCALAR_EVENT || !is_word(scalar_text(*key_event.get()))) {
    throw SettingsError(at(key_event->start_mark) + ": " + (prefix.empty() ? "" : prefix + ": ") +
                        "a key must be a plain word");
  }
  const std::string key = (prefix.empty() ? "" : prefix + ".") + std::string(scalar_text(*key_event.get()));
  refuse_decorations(*key_event.get(), key);
  if (!seen_.insert(key).second) throw SettingsError(at(key_event->start_mark) + ": " + key + ": given twice");

  Event value;
  next(value);
  refuse_decorations(*value.get(), key);
  if (value->type == YAML_MAPPING_START_EVENT) {
    if (depth >= kMaxDepth) throw SettingsError(at(value->start_mark) + ": " + key + ": nested too deeply");
    return mapping(key, depth + 1);
  }
  const std::string text(scalar_text(*value.get()));
  const bool quoted = value->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  const bool is_null = !quoted && (text.empty() || text == "~" || text == "null");
  found_.push_back({key, text, quoted, is_null, at(key_event->start_mark), at(value->start_mark)});
}

void Reader::refuse_decorations(const yaml_event_t& event, const std::string& key) const {
  const std::string where = at(event.start_mark) + ": " + key;
  if (event.type == YAML_ALIAS_EVENT) throw SettingsError(where + ": aliases are not allowed");
  if (event.type == YAML_SEQUENCE_START_EVENT) throw SettingsError(where + ": a list is not allowed here");
  const bool scalar = event.type == YAML_SCALAR_EVENT;
  if ((scalar ? event.data.scalar.anchor : event.data.mapping_start.anchor) != nullptr) {
    throw SettingsError(where + ": anchors are not allowed");
  }
  if ((scalar ? event.data.scalar.tag : event.data.mapping_start.tag) != nullptr) {
    throw SettingsError(where + ": tags are not allowed");
  }
  if (scalar && scalar_text(event).find('\0') != std::string_view::npos) {
    throw SettingsError(where + ": a NUL byte is not allowed");
  }
}

}  // namespace

std::vector<YamlScalar> read_yaml_scalars(std::string_view text, const std::string& name) {
  if (text.size() > kMaxBytes) throw SettingsError(name + ": larger than a settings file can be (1 MiB)");
  return Reader(text, name).run();
}

}  // namespace tributary
