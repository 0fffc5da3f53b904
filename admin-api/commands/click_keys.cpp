#include "admin-api/commands/click_keys.h"

#include <sodium.h>

#include <array>
#include <iostream>
#include <stdexcept>

#include "admin-api/commands/commands.h"
#include "admin-api/db/scoped_transaction.h"
#include "admin-api/runtime.h"

namespace tributary::admin {
namespace {

std::array<char, 16> new_secret() {
  std::array<char, 16> secret{};
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

constexpr const char* kExpireOlder = R"sql(
UPDATE config.click_keys
SET valid_until = now() + make_interval(secs => $1, days => $2)
WHERE $2 > 0 AND valid_until IS NULL)sql";

// A number whose ids have all expired may be used again.
constexpr const char* kFreeNumber = R"sql(
SELECT min(n) FROM generate_series(0, 15) AS n
WHERE NOT EXISTS (SELECT FROM config.click_keys WHERE id = n AND (valid_until IS NULL OR valid_until > now())))sql";

constexpr const char* kInsert = R"sql(
INSERT INTO config.click_keys (id, secret, mint_from)
VALUES ($1, $2, now() + make_interval(secs => $3))
ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, mint_from = excluded.mint_from, valid_until = NULL)sql";

}  // namespace

void ensure_click_key(ConnectionPool& pool) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute("SELECT pg_advisory_xact_lock(hashtext('tributary.click_keys'))");
  if (!transaction.execute("SELECT EXISTS (SELECT FROM config.click_keys)").boolean(0, 0)) {
    transaction.execute(kInsert, Params().int4(0).bytes(new_secret()).untyped("0"));
  }
  transaction.commit();
}

int add_click_key(ConnectionPool& pool, std::uint32_t delay_s, std::uint32_t valid_days) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute("SELECT pg_advisory_xact_lock(hashtext('tributary.click_keys'))");
  transaction.execute(kExpireOlder,
                      Params().int4(static_cast<std::int32_t>(delay_s)).int4(static_cast<std::int32_t>(valid_days)));
  const auto free = transaction.execute(kFreeNumber);
  if (free.is_null(0, 0)) {
    throw std::runtime_error("all 16 keys are valid: let old ones expire with --valid-days before adding another");
  }
  const auto number = static_cast<int>(free.integer(0, 0));
  transaction.execute(kInsert, Params().int4(number).bytes(new_secret()).untyped(std::to_string(delay_s)));
  transaction.commit();
  return number;
}

int rotate_click_key(const Settings& settings, std::uint32_t delay_s, std::uint32_t valid_days) {
  ConnectionPool pool(connect_options(settings), 1);
  const auto number = add_click_key(pool, delay_s, valid_days);
  std::cout << "click key " << number << " begins to mint in " << delay_s << " s\n";
  return 0;
}

}  // namespace tributary::admin
