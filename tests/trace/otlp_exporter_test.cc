#include "server/trace/otlp_exporter.h"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "tests/support/eventually.h"
#include "tests/trace/a_span.h"
#include "tests/trace/collector.h"

namespace futured::trace {
namespace {

using testing::a_span;
using testing::Collector;
using testing::eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

std::size_t spans_of(const Collector::Request& request) {
  const auto body = nlohmann::json::parse(request.body());
  return body.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").size();
}

class OtlpExporterTest : public ::testing::Test {
 protected:
  OtlpExporter::Settings settings() const {
    OtlpExporter::Settings settings{.endpoint = collector.endpoint()};
    settings.batch = 10;
    settings.delay = 1ms;
    settings.first_back_off = 1ms;
    settings.longest_back_off = 4ms;
    settings.farewell = testing::kPatience;
    return settings;
  }
  void start(OtlpExporter::Settings settings) {
    exporter = std::make_unique<OtlpExporter>(std::move(settings), clock, [this](std::string_view what) {
      const std::lock_guard lock(mutex);
      troubles.emplace_back(what);
    });
  }
  void record(std::size_t count) const { exporter->record(std::vector<core::Span>(count, a_span(1, clock.now()))); }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex);
    return troubles;
  }

  core::SystemClock clock;
  std::mutex mutex;
  std::vector<std::string> troubles;
  Collector collector;
  std::unique_ptr<OtlpExporter> exporter;
};

TEST_F(OtlpExporterTest, SpansArePosted) {
  OtlpExporter::Settings with_headers = settings();
  with_headers.headers = {{"Authorization", "Bearer secret"}};
  start(std::move(with_headers));
  record(1);
  const auto requests = collector.requests(1);
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].target(), "/v1/traces");
  EXPECT_EQ(requests[0].method_string(), "POST");
  EXPECT_EQ(requests[0]["Content-Type"], "application/json");
  EXPECT_EQ(requests[0]["Authorization"], "Bearer secret");
  EXPECT_EQ(requests[0]["Host"], collector.endpoint().authority());
  EXPECT_EQ(spans_of(requests[0]), 1U);
  EXPECT_TRUE(eventually([&] { return exporter->exported() == 1; }));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(OtlpExporterTest, BatchesAreBoundedByTheirCount) {
  start(settings());
  record(35);
  ASSERT_TRUE(eventually([&] { return exporter->exported() == 35; }));
  std::size_t all = 0;
  for (const auto& request : collector.requests(4)) {
    EXPECT_LE(spans_of(request), 10U);
    all += spans_of(request);
  }
  EXPECT_EQ(all, 35U);
  EXPECT_EQ(collector.connections(), 1U);
}

TEST_F(OtlpExporterTest, BatchesAreBoundedByTheirBytes) {
  OtlpExporter::Settings small = settings();
  small.batch_bytes = 1;
  start(std::move(small));
  record(3);
  EXPECT_THAT(collector.requests(3), SizeIs(3));
}

TEST_F(OtlpExporterTest, FullBatchesAreSmallEnoughForUsualServers) {
  start({.endpoint = collector.endpoint(), .delay = 1h});
  core::Span span = a_span(1, clock.now());
  span.function = span.executor = span.worker = std::string(100, 'n');
  span.error_type = std::string(100, 'e');
  exporter->record(std::vector<core::Span>(4096, span));
  ASSERT_TRUE(eventually([&] { return exporter->exported() >= 3072 || exporter->failures() > 0; }));
  EXPECT_EQ(exporter->failures(), 0U);
  for (const auto& request : collector.requests(3)) EXPECT_LT(request.body().size(), std::size_t{1} << 20);
}

TEST_F(OtlpExporterTest, FullBatchIsNotWaitedFor) {
  OtlpExporter::Settings patient = settings();
  patient.delay = 1h;
  start(std::move(patient));
  record(9);
  record(1);
  EXPECT_TRUE(eventually([&] { return exporter->exported() == 10; }));
}

TEST_F(OtlpExporterTest, CollectorThatAsksForPatienceIsTriedAgain) {
  collector.answer({503, 429, 0, 200});
  start(settings());
  record(2);
  ASSERT_TRUE(eventually([&] { return exporter->exported() == 2; }));
  EXPECT_GE(exporter->failures(), 2U);
  EXPECT_EQ(exporter->dropped(), 0U);
  ASSERT_FALSE(told().empty());
  EXPECT_THAT(told().front(), HasSubstr("answers 503"));
}

TEST_F(OtlpExporterTest, WhatTheCollectorRefusesIsDropped) {
  collector.answer({400});
  start(settings());
  record(2);
  ASSERT_TRUE(eventually([&] { return exporter->dropped() == 2; }));
  record(1);
  EXPECT_TRUE(eventually([&] { return exporter->exported() == 1; }));
  EXPECT_EQ(collector.seen(), 2U);
}

TEST_F(OtlpExporterTest, PatienceEnds) {
  OtlpExporter::Settings impatient = settings();
  impatient.patience = 0ms;
  collector.answer({503});
  start(std::move(impatient));
  record(1);
  EXPECT_TRUE(eventually([&] { return exporter->dropped() == 1; }));
}

TEST_F(OtlpExporterTest, CollectorThatClosedTheConnectionIsConnectedToAgain) {
  start(settings());
  record(1);
  ASSERT_TRUE(eventually([&] { return exporter->exported() == 1; }));
  collector.answer({0});
  record(1);
  ASSERT_TRUE(eventually([&] { return exporter->exported() == 2; }));
  EXPECT_EQ(exporter->failures(), 0U);
  EXPECT_EQ(collector.connections(), 2U);
}

TEST_F(OtlpExporterTest, SlowCollectorDelaysNobodyAndDroppedSpansAreCounted) {
  collector.answer({-1});
  OtlpExporter::Settings small = settings();
  small.queue = 20;
  small.timeout = 1h;
  small.farewell = 10ms;
  start(std::move(small));
  record(10);
  ASSERT_THAT(collector.requests(1), SizeIs(1));
  for (int i = 0; i < 1000; ++i) record(1);
  EXPECT_EQ(exporter->dropped(), 980U);
  exporter->stop();
  EXPECT_EQ(exporter->exported(), 0U);
  EXPECT_EQ(exporter->dropped(), 1010U);
}

TEST_F(OtlpExporterTest, QueueIsBoundedByItsBytes) {
  collector.answer({-1});
  OtlpExporter::Settings small = settings();
  small.queue_bytes = 100'000;
  small.farewell = 10ms;
  start(std::move(small));
  record(10);
  ASSERT_THAT(collector.requests(1), SizeIs(1));
  core::Span large = a_span();
  large.error_type = std::string(60'000, 'x');
  exporter->record({large, large});
  EXPECT_EQ(exporter->dropped(), 1U);
}

TEST_F(OtlpExporterTest, AnswerThatDoesNotComeIsNotWaitedForLongerThanTheTimeout) {
  collector.answer({-1});
  OtlpExporter::Settings hasty = settings();
  hasty.timeout = 20ms;
  start(std::move(hasty));
  record(1);
  EXPECT_TRUE(eventually([&] { return exporter->exported() == 1; }));
  EXPECT_GE(exporter->failures(), 1U);
}

TEST_F(OtlpExporterTest, WhatWaitsIsSentAtTheEnd) {
  OtlpExporter::Settings patient = settings();
  patient.delay = 1h;
  start(std::move(patient));
  record(5);
  exporter->stop();
  EXPECT_EQ(exporter->exported(), 5U);
  record(1);
  EXPECT_EQ(exporter->dropped(), 1U);
}

TEST_F(OtlpExporterTest, NobodyThereIsTroubleThatIsToldAndNoMore) {
  OtlpExporter::Settings nowhere = settings();
  nowhere.longest_back_off = 1h;
  collector.stop();
  start(std::move(nowhere));
  record(1);
  ASSERT_TRUE(eventually([&] { return exporter->failures() >= 3; }));
  exporter->stop();
  EXPECT_EQ(exporter->dropped(), 1U);
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_THAT(told()[0], HasSubstr("no connection to 127.0.0.1:"));
}

}  // namespace
}  // namespace futured::trace
