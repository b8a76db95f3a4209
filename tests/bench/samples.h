// Numbers measured again and again, and what to say of them; and how long to measure.
#pragma once

#include <chrono>
#include <utility>
#include <vector>

namespace futured::bench {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

inline Seconds since(Clock::time_point start) { return Clock::now() - start; }

class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  double median() const { return percentile(50); }
  // REQUIRES: not empty.
  double percentile(double percent) const;

 private:
  std::vector<double> values_;
};

// A figure of ours and of the baseline, measured in turns, so that what else the machine does hits both.
struct Compared {
  void add(double figure, double baseline) {
    own.add(figure);
    bare.add(baseline);
    ratio.add(figure / baseline);
  }
  Samples own;
  Samples bare;
  Samples ratio;
};

// Rounds of a measurement: at least one, and further ones until the time is up.
//
//   for (Rounds rounds(time); rounds.next();) measure();
class Rounds {
 public:
  explicit Rounds(Seconds time) : end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(time)) {}
  bool next() { return !std::exchange(begun_, true) || Clock::now() < end_; }

 private:
  Clock::time_point end_;
  bool begun_ = false;
};

}  // namespace futured::bench
