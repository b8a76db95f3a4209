#include "tests/bench/report.h"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

namespace futured::bench {
namespace {

// Three digits, or all before the point.
std::string shown(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

}  // namespace

void Report::add(std::string_view metric, double value, std::string_view unit) {
  if (form_ == Form::kLines) {
    std::cout << scenario_ << ' ' << metric << ' ' << shown(value) << ' ' << unit << std::endl;
  } else {
    figures_.push_back({scenario_, std::string(metric), value, std::string(unit)});
  }
}

void Report::end() const {
  if (form_ == Form::kLines) return;
  nlohmann::ordered_json figures = nlohmann::ordered_json::array();
  for (const Figure& figure : figures_) {
    figures.push_back(
        {{"scenario", figure.scenario}, {"metric", figure.metric}, {"value", figure.value}, {"unit", figure.unit}});
  }
  const nlohmann::ordered_json report{{"processors", std::thread::hardware_concurrency()}, {"figures", figures}};
  std::cout << report.dump(2) << std::endl;
}

}  // namespace futured::bench
