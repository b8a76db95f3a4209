#include "server/http/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/http/table_sources.h"

namespace futured::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TableSources;

std::string page_of(const Figures& figures) {
  TableSources t;
  t.sources.version = "1.2.3";
  return metrics_page(figures, t.sources);
}

TEST(MetricsPageTest, HistogramsAreInSecondsAndCumulative) {
  TableSources t;
  Figures figures = collect(t.sources, t.stats);
  figures.store.durations.add(1000);
  figures.store.durations.add(5'000'000'000);
  const std::string page = page_of(figures);
  EXPECT_THAT(page, HasSubstr("# TYPE futured_store_commit_seconds histogram\n"));
  EXPECT_THAT(page, HasSubstr("futured_store_commit_seconds_count 2\n"));
  EXPECT_THAT(page, HasSubstr("futured_store_commit_seconds_sum 5.000001"));
  EXPECT_THAT(page, HasSubstr("futured_store_commit_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("le=\"1.024e-06\"} 1\n"));
}

TEST(MetricsPageTest, FiguresThatNobodyElseShows) {
  TableSources t;
  Figures figures = collect(t.sources, t.stats);
  figures.store.retries = 3;
  figures.store_refuses = true;
  figures.daemon.connections_unread = 6;
  figures.daemon.descriptors_exhausted = 4;
  figures.daemon.log_lines_dropped = 5;
  figures.daemon.spans_exported = 8;
  figures.daemon.spans_dropped = 9;
  figures.daemon.span_exports_failed = 10;
  figures.http.slow_readers = 6;
  figures.table.stats.owed = 7;
  const std::string page = page_of(figures);
  EXPECT_THAT(page, HasSubstr("\nfutured_store_commit_retries_total 3\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_store_refusing 1\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_connections_unread_total 6\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_descriptors_exhausted_total 4\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_log_lines_dropped_total 5\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_spans_exported_total 8\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_spans_dropped_total 9\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_span_exports_failed_total 10\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_http_slow_readers_total 6\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_futures_undelivered 7\n"));
  EXPECT_THAT(page, HasSubstr("\nfutured_build_info{version=\"1.2.3\"} 1\n"));
}

TEST(MetricsPageTest, ReasonsAreInLowerCaseAndAllThere) {
  TableSources t;
  const std::string page = page_of(collect(t.sources, t.stats));
  for (const core::ReasonRow& row : core::kReasons) {
    EXPECT_THAT(page, Not(HasSubstr("reason=\"" + std::string(row.name) + "\"")));
  }
  EXPECT_THAT(page, HasSubstr("futured_refusals_total{reason=\"disk_full\"} 0\n"));
}

TEST(MetricsPageTest, ProcessIsThisOne) {
  const ProcessStats stats = process_stats();
  EXPECT_GT(stats.resident_bytes, 1U << 20);
  EXPECT_GE(stats.open_descriptors, 3U);
  EXPECT_GE(stats.max_descriptors, stats.open_descriptors);
  EXPECT_GE(stats.threads, 1U);
  EXPECT_GT(stats.start_seconds, 1e9);
}

}  // namespace
}  // namespace futured::http
