// Bench: what all scenarios use.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tests/bench/daemon.h"
#include "tests/bench/echo_server.h"
#include "tests/bench/report.h"
#include "tests/bench/samples.h"

namespace futured::bench {

class Bench {
 public:
  // `address`: of a daemon that runs already; empty: one is started.
  Bench(Report& figures, Seconds time_of_each, std::string address)
      : report(figures), time(time_of_each), address_(std::move(address)) {}

  // Started when first needed. Throws std::runtime_error.
  EchoProcess& echo() { return echo_ ? *echo_ : echo_.emplace(); }
  Daemon& daemon() {
    if (daemon_) return *daemon_;
    return address_.empty() ? daemon_.emplace() : daemon_.emplace(address_);
  }

  Report& report;
  // How long a scenario measures.
  const Seconds time;

 private:
  const std::string address_;
  std::optional<EchoProcess> echo_;
  std::optional<Daemon> daemon_;
};

}  // namespace futured::bench
