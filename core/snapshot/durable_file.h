#pragma once

#include <string>

// The file operations of a publication. Each returns what went wrong, empty when nothing did.
namespace tributary {

// Copies a whole file to `to` (made or emptied, mode 0600). Room is allocated first: a full file system is noticed
// before a byte is written, and the message says how much is needed and how much is free.
std::string copy_file(const std::string& from, const std::string& to);
std::string copy_file(int from, const std::string& to);  // from its beginning; its offset stays

std::string sync_file(const std::string& path);
std::string sync_directory(const std::string& path);
std::string rename_file(const std::string& from, const std::string& to);

// Makes a directory of mode 0700 unless it is there.
std::string make_directory(const std::string& path);

// What copies are called until they are complete. Nobody but their writer reads them.
inline const std::string kIncompleteName = ".incoming.tmp";

}  // namespace tributary
