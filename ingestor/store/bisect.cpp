#include "ingestor/store/bisect.h"

#include "platform/log/log.h"

namespace tributary::ingest {
namespace {

JournalItem item_of(const Batch& batch, const ReadItem& read) {
  return {read.kind, read.position, read.next, {batch.raw.data() + read.offset, read.length}};
}

class Bisection {
 public:
  Bisection(BatchWriter& writer, const Batch& batch, KnownOwners& owners, Enricher& enricher, const ClockLimits& clock)
      : writer_(writer), batch_(batch), owners_(owners), enricher_(enricher), clock_(clock) {}

  // Depth is the logarithm of the batch size.
  void store(std::size_t from, std::size_t to) {
    try {
      BatchBuilder builder(owners_, enricher_, clock_);
      for (std::size_t i = from; i < to; ++i) {
        builder.add(batch_.items[i].journal, item_of(batch_, batch_.items[i]));
      }
      writer_.write(*builder.take());
    } catch (const PostgresError& error) {
      if (error.failure() != PostgresFailure::data) throw;
      if (to - from == 1) return refuse(from, error);
      const std::size_t middle = from + (to - from) / 2;
      store(from, middle);
      store(middle, to);
    }
  }

  std::size_t refused() const noexcept { return refused_; }

 private:
  void refuse(std::size_t index, const PostgresError& error) {
    const ReadItem& read = batch_.items[index];
    log::warning("PostgreSQL refuses a record",
                 {{"journal", read.journal.number}, {"position", read.position}, {"error", error.what()}});
    BatchBuilder builder(owners_, enricher_, clock_);
    builder.add_refused(read.journal, item_of(batch_, read), error.what());
    writer_.write(*builder.take());
    ++refused_;
  }

  BatchWriter& writer_;
  const Batch& batch_;
  KnownOwners& owners_;
  Enricher& enricher_;
  ClockLimits clock_;
  std::size_t refused_ = 0;
};

}  // namespace

std::size_t write_or_bisect(BatchWriter& writer, Batch& batch, KnownOwners& owners, Enricher& enricher,
                            const ClockLimits& clock) {
  try {
    writer.write(batch);
    return 0;
  } catch (const PostgresError& error) {
    if (error.failure() != PostgresFailure::data) throw;
    log::warning("PostgreSQL refuses a batch, storing it in halves",
                 {{"records", batch.items.size()}, {"error", error.what()}});
  }
  Bisection bisection(writer, batch, owners, enricher, clock);
  bisection.store(0, batch.items.size());
  return bisection.refused();
}

}  // namespace tributary::ingest
