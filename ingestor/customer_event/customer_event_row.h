#pragma once

#include <string>

#include "ingestor/customer_event/credit.h"
#include "ingestor/customer_event/customer_fact.h"
#include "ingestor/events/row_buffer.h"
#include "ingestor/owners/owner.h"

namespace tributary::ingest {

const std::string& customer_event_table();  // with the columns, in the order in which rows are written
inline constexpr std::size_t kCustomerEventBytesBeforeBatch = 3 * kInt8Field;  // time, id, position

void write_customer_event_row(RowBuffer& rows, const CustomerFact& fact, const Credit& credit, const TeamId& team);

}  // namespace tributary::ingest
