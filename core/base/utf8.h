#pragma once

#include <string>
#include <string_view>

// Text that PostgreSQL can store: valid UTF-8 (no overlong forms, no surrogates, at most U+10FFFF) without NUL.
//
// The rule for text from outside: the journal keeps it as it came, whatever its bytes; on its way into a table each
// invalid sequence and each NUL becomes one U+FFFD. So no event is ever lost to its text, and what was sent can still
// be looked up in the raw query.
namespace tributary {

bool is_clean_text(std::string_view text) noexcept;

// At most `limit` bytes of the start of `text`, not ending inside a character when the text is UTF-8.
std::string_view cut_between_characters(std::string_view text, std::size_t limit) noexcept;

// Appends `text` with everything that is not clean replaced. At most three times as long as `text`. Allocates.
void append_clean_text(std::string_view text, std::string& out);

}  // namespace tributary
