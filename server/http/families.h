// Families: builds the metric families of one page.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace futured::http {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// Adds series to the family that was begun last.
class Families {
 public:
  Families& counter(std::string name, std::string help) {
    return begin(prometheus::MetricType::Counter, std::move(name), std::move(help));
  }
  Families& gauge(std::string name, std::string help) {
    return begin(prometheus::MetricType::Gauge, std::move(name), std::move(help));
  }
  Families& histogram(std::string name, std::string help) {
    return begin(prometheus::MetricType::Histogram, std::move(name), std::move(help));
  }

  Families& add(double value, Labels labels = {}) {
    prometheus::ClientMetric& metric = next(std::move(labels));
    metric.counter.value = metric.gauge.value = value;
    return *this;
  }
  Families& add(std::uint64_t value, Labels labels = {}) { return add(static_cast<double>(value), std::move(labels)); }
  // A core::Histogram whose values are in units of `unit`.
  template <class Histogram>
  Families& add(const Histogram& histogram, double unit, Labels labels = {}) {
    auto& shown = next(std::move(labels)).histogram;
    for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
      shown.sample_count += histogram.count(i);
      if (i + 1 < Histogram::kBuckets) {
        shown.bucket.push_back({shown.sample_count, static_cast<double>(Histogram::bound(i)) * unit});
      }
    }
    shown.sample_sum = static_cast<double>(histogram.sum()) * unit;
    return *this;
  }

  const std::vector<prometheus::MetricFamily>& all() const { return all_; }

 private:
  Families& begin(prometheus::MetricType type, std::string name, std::string help) {
    all_.push_back({std::move(name), std::move(help), type, {}});
    return *this;
  }
  prometheus::ClientMetric& next(Labels labels) {
    prometheus::ClientMetric& metric = all_.back().metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }

  std::vector<prometheus::MetricFamily> all_;
};

}  // namespace futured::http
