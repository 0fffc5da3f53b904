#pragma once

#include <atomic>
#include <exception>
#include <thread>

#include "ingestor/owners/known_owners.h"
#include "ingestor/run/batch_queue.h"
#include "ingestor/settings.h"
#include "ingestor/source/journal_source.h"
#include "platform/enrich/enricher.h"

namespace tributary::ingest {

// Reads the source and makes batches, while another thread stores the one before. Ends with the object.
class ReadingThread {
 public:
  // Everything passed in must outlive the thread.
  ReadingThread(const IngestorSettings& settings, JournalSource& source, KnownOwners& owners, BatchQueue& queue);
  ~ReadingThread();
  ReadingThread(const ReadingThread&) = delete;
  ReadingThread& operator=(const ReadingThread&) = delete;

  // What ended the thread, thrown here: a lost connection of the known owners, for example.
  void rethrow_failure() const;

 private:
  void run() noexcept;
  std::unique_ptr<Batch> read_batch();

  const IngestorSettings& settings_;
  JournalSource& source_;
  KnownOwners& owners_;
  BatchQueue& queue_;
  Enricher enricher_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;  // written before failed_
  std::thread thread_;
};

}  // namespace tributary::ingest
