#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

#include "admin-api/api/services.h"
#include "admin-api/db/scoped_transaction.h"
#include "platform/http/message.h"

namespace tributary::admin {

// Who asks, as the database says at this moment: not what a token claimed when it was made.
struct Principal {
  std::string user;     // uuid
  std::string team;     // uuid; empty for administrators without a team
  std::string role;     // admin, buyer, advertiser, partner
  std::string session;  // family of the refresh token; empty for an API key
  std::string api_key;  // id of the key; empty for a session

  bool is_admin() const noexcept { return role == "admin"; }
};

// One request on its way through a handler.
struct Context {
  const http::Request& request;
  Services& services;
  std::vector<std::string> path;  // values of the variable segments
  std::map<std::string, std::string, std::less<>> query;
  Principal principal;
  std::string request_id;

  // Administrators see every team, everybody else the own one.
  Scope scope() const { return {principal.team, principal.user, principal.is_admin()}; }
  // The value of a query argument, or `fallback`.
  std::string argument(std::string_view name, std::string fallback = {}) const;
  // Throws ApiError for an argument that is not in the list.
  void allow_arguments(std::initializer_list<std::string_view> names) const;
  // The body as a JSON object. Throws ApiError (400, 415) or JsonError.
  boost::json::object json_body() const;
  // The client as far as it is known: behind our own nginx the address that it forwards.
  std::string client_address() const;
};

}  // namespace tributary::admin
