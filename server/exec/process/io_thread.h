// IoThread: the one thread that watches child processes: their sockets, pipes and ends, and the timers about them.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace futured::exec {

class IoThread {
 public:
  IoThread() : work_(boost::asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
  // REQUIRES: nobody needs it any more. What has not run is dropped.
  ~IoThread() {
    context_.stop();
    thread_.join();
  }
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // Nothing that runs there may block.
  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace futured::exec
