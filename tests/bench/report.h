// Report: the figures, as lines or as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace futured::bench {

class Report {
 public:
  enum class Form { kLines, kJson };

  explicit Report(Form form) : form_(form) {}

  // The scenario that the next figures are of.
  void begin(std::string_view scenario) { scenario_ = scenario; }
  // As a line, it is printed at once: "blocking p50_us 71.2 us".
  void add(std::string_view metric, double value, std::string_view unit);
  // Prints what is printed as a whole: {"processors": 2, "figures": [{"scenario": …, "metric": …, "value": …, "unit":
  // …}]}.
  void end() const;

 private:
  struct Figure {
    std::string scenario;
    std::string metric;
    double value;
    std::string unit;
  };

  const Form form_;
  std::string scenario_;
  std::vector<Figure> figures_;
};

}  // namespace futured::bench
