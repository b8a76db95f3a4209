#include "tests/crash/load.h"

#include <exception>
#include <functional>

namespace futured::crash {
namespace {

constexpr auto kFinishTime = std::chrono::seconds(60);

template <class C>
std::thread worker(Run& run, C& client) {
  return std::thread([&run, &client] {
    try {
      client.work();
    } catch (const std::exception& error) {
      run.trouble(error.what());
    }
  });
}

}  // namespace

Load::Load(Run& run) : run_(run) {
  unary_.push_back(std::make_unique<UnaryClient>(run, kUnary));
  sessions_.push_back(std::make_unique<SessionClient>(run, kThreadSession, "thread"));
  sessions_.push_back(std::make_unique<SessionClient>(run, kProcessSession, "cpu"));
  for (const auto& client : unary_) threads_.push_back(worker(run, *client));
  for (const auto& client : sessions_) threads_.push_back(worker(run, *client));
}

Load::~Load() {
  if (!run_.winds_up()) run_.wind_up(Clock::now());
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Load::finish() {
  run_.wind_up(Clock::now() + kFinishTime);
  for (std::thread& thread : threads_) thread.join();
}

void Load::read_all_again() {
  for (const auto& client : unary_) client->read_all_again();
  for (const auto& client : sessions_) client->read_again();
}

}  // namespace futured::crash
