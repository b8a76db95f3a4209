// bad_worker MISDEED [MARKER]: a worker that breaks the protocol as the word says, and else echoes. With a marker, a
// path, only the one that creates this file does so; those after it are good.
//
// It shares no code with the daemon but the messages: worker.proto is all that it knows.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "futured/v1/value.pb.h"
#include "futured/worker/v1/worker.pb.h"

namespace futured::testing {
namespace {

namespace v1 = worker::v1;

[[noreturn]] void fall_silent() {
  for (;;) ::pause();
}

std::string framed(std::string_view content, std::size_t announced) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(announced >> (8 * i) & 0xff);
  return bytes.append(content);
}
std::string framed(const google::protobuf::MessageLite& message) {
  const std::string content = message.SerializeAsString();
  return framed(content, content.size());
}

// The conversation, byte by byte.
class Daemon {
 public:
  explicit Daemon(int socket) : socket_(socket) {}

  void say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) std::_Exit(1);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void say(const google::protobuf::MessageLite& message) const { say(framed(message)); }
  v1::ToWorker hear() const {
    const std::string header = read(4);
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size |= static_cast<std::size_t>(static_cast<unsigned char>(header[i])) << (8 * i);
    }
    v1::ToWorker message;
    if (!message.ParseFromString(read(size))) std::_Exit(1);
    return message;
  }
  void hang_up() const { ::close(socket_); }

 private:
  // When the daemon is gone, so is this process.
  std::string read(std::size_t size) const {
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size;) {
      const ssize_t count = ::recv(socket_, bytes.data() + at, size - at, 0);
      if (count <= 0) std::_Exit(1);
      at += static_cast<std::size_t>(count);
    }
    return bytes;
  }

  const int socket_;
};

// What a worker does in its life, rightly.
class EchoWorker {
 public:
  explicit EchoWorker(const Daemon& daemon) : daemon_(daemon) {}

  const v1::WorkerHello& hear_hello() {
    first_ = daemon_.hear();
    return first_.hello();
  }
  void get_ready(bool use_ledger) {
    if (use_ledger) {
      const std::size_t size = first_.hello().ledger_words() * sizeof(std::uint64_t);
      words_ = static_cast<std::uint64_t*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, 4, 0));
      if (words_ == MAP_FAILED) std::_Exit(1);
    }
    ::close(4);
    v1::FromWorker message;
    message.mutable_ready()->set_ledger(use_ledger);
    message.mutable_ready()->set_description("bad_worker");
    daemon_.say(message);
  }
  // The next batch; exits when there are no more.
  v1::Batch hear_batch() const {
    for (;;) {
      v1::ToWorker message = daemon_.hear();
      if (message.has_drain()) std::_Exit(0);
      if (message.has_batch()) return message.batch();
    }
  }
  bool begin(const v1::Batch& batch, int i) const {
    if (words_ != nullptr) {
      std::uint64_t expected = batch.number() << 2;
      return std::atomic_ref(words_[i]).compare_exchange_strong(expected, expected | 1);
    }
    v1::FromWorker message;
    message.mutable_started()->set_batch(batch.number());
    message.mutable_started()->set_index(static_cast<std::uint32_t>(i));
    daemon_.say(message);
    return true;
  }
  static v1::FromWorker result(const v1::Batch& batch, int i) {
    v1::FromWorker message;
    message.mutable_results()->set_batch(batch.number());
    message.mutable_results()->set_first(static_cast<std::uint32_t>(i));
    futured::v1::Arguments arguments;
    if (!arguments.ParseFromString(batch.calls(std::min(i, batch.calls_size() - 1)).arguments())) std::_Exit(1);
    message.mutable_results()->add_results()->set_value(arguments.positional(0).SerializeAsString());
    return message;
  }
  void run(const v1::Batch& batch) const {
    for (int i = 0; i < batch.calls_size(); ++i) {
      v1::FromWorker message = result(batch, i);
      if (!begin(batch, i)) message.mutable_results()->mutable_results(0)->mutable_skipped();
      daemon_.say(message);
    }
  }

 private:
  const Daemon& daemon_;
  v1::ToWorker first_;
  std::uint64_t* words_ = nullptr;
};

// --- Misdeeds.

v1::FromWorker log_line() {
  v1::FromWorker message;
  message.mutable_log()->set_text("a line");
  return message;
}
v1::FromWorker started(std::uint64_t batch, std::uint32_t index) {
  v1::FromWorker message;
  message.mutable_started()->set_batch(batch);
  message.mutable_started()->set_index(index);
  return message;
}
v1::FromWorker results(std::uint64_t batch, std::uint32_t first) {
  v1::FromWorker message;
  message.mutable_results()->set_batch(batch);
  message.mutable_results()->set_first(first);
  return message;
}

v1::FromWorker progress(std::uint64_t batch, std::uint32_t index) {
  v1::FromWorker message;
  message.mutable_progress()->set_batch(batch);
  message.mutable_progress()->set_index(index);
  message.mutable_progress()->set_fraction(0.5);
  return message;
}

// In place of getting ready.
using StartDeed = std::function<void(const Daemon&, const v1::WorkerHello&)>;
const std::map<std::string, StartDeed>& start_deeds() {
  static const std::map<std::string, StartDeed> kDeeds = {
      {"start:garbage", [](const Daemon& d, const auto&) { d.say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); }},
      {"start:empty frame", [](const Daemon& d, const auto&) { d.say(framed("", 0)); }},
      {"start:oversized frame",
       [](const Daemon& d, const v1::WorkerHello& hello) { d.say(framed("", hello.max_frame_size() + 1)); }},
      {"start:no message", [](const Daemon& d, const auto&) { d.say(framed("\xff\xff\xff", 3)); }},
      {"start:unknown content", [](const Daemon& d, const auto&) { d.say(framed("\x7a\x01x", 3)); }},
      {"start:started", [](const Daemon& d, const auto&) { d.say(started(1, 0)); }},
      {"start:progress", [](const Daemon& d, const auto&) { d.say(progress(1, 0)); }},
      {"start:results", [](const Daemon& d, const auto&) { d.say(results(1, 0)); }},
      {"start:half a frame and exit",
       [](const Daemon& d, const auto&) {
         d.say(framed("half", 100));
         std::_Exit(7);
       }},
      {"start:half a frame and silence", [](const Daemon& d, const auto&) { d.say(framed("half", 100)); }},
      {"start:silence", [](const auto&, const auto&) {}},
      {"start:hangs up", [](const Daemon& d, const auto&) { d.hang_up(); }},
      {"start:other version",
       [](const Daemon& d, const v1::WorkerHello& hello) {
         v1::FromWorker message;
         message.mutable_ready()->mutable_error()->set_type("VersionError");
         message.mutable_ready()->mutable_error()->set_message("protocol " + std::to_string(hello.protocol()) +
                                                               " is asked for, 99 is known");
         d.say(message);
         std::_Exit(1);
       }},
  };
  return kDeeds;
}

// Once it is ready, without waiting for tasks.
const std::map<std::string, std::function<void(const Daemon&)>>& idle_deeds() {
  static const std::map<std::string, std::function<void(const Daemon&)>> kDeeds = {
      {"idle:ready twice",
       [](const Daemon& d) {
         v1::FromWorker message;
         message.mutable_ready()->set_ledger(true);
         d.say(message);
       }},
      {"idle:results", [](const Daemon& d) { d.say(results(1, 0)); }},
      {"idle:started", [](const Daemon& d) { d.say(started(1, 0)); }},
      {"idle:progress", [](const Daemon& d) { d.say(progress(1, 0)); }},
      {"idle:garbage", [](const Daemon& d) { d.say(std::string(1000, '\xff')); }},
      {"idle:exit", [](const Daemon&) { std::_Exit(9); }},
      {"idle:hangs up", [](const Daemon& d) { d.hang_up(); }},
  };
  return kDeeds;
}

// Without beginning the task.
using TaskDeed = std::function<void(const Daemon&, const EchoWorker&, const v1::Batch&)>;
const std::map<std::string, TaskDeed>& early_deeds() {
  static const std::map<std::string, TaskDeed> kDeeds = {
      {"early:result", [](const auto& d, const auto& w, const auto& b) { d.say(w.result(b, 0)); }},
      {"early:garbage", [](const auto& d, const auto&, const auto&) { d.say(std::string(1000, '\xff')); }},
      {"early:started", [](const auto& d, const auto&, const auto& b) { d.say(started(b.number(), 0)); }},
      {"early:progress", [](const auto& d, const auto&, const auto& b) { d.say(progress(b.number(), 0)); }},
      {"early:no results", [](const auto& d, const auto&, const auto& b) { d.say(results(b.number(), 0)); }},
      {"early:skipped",
       [](const auto& d, const auto&, const auto& b) {
         v1::FromWorker message = results(b.number(), 0);
         message.mutable_results()->add_results()->mutable_skipped();
         d.say(message);
       }},
      {"early:exit", [](const auto&, const auto&, const auto&) { std::_Exit(9); }},
      {"early:silence", [](const auto&, const auto&, const auto&) {}},
  };
  return kDeeds;
}

// While the task runs.
const std::map<std::string, TaskDeed>& task_deeds() {
  static const std::map<std::string, TaskDeed> kDeeds = {
      {"task:garbage", [](const auto& d, const auto&, const auto&) { d.say("no frame at all"); }},
      {"task:empty frame", [](const auto& d, const auto&, const auto&) { d.say(framed("", 0)); }},
      {"task:largest frame", [](const auto& d, const auto&, const auto&) { d.say(framed("", 0xffffffff)); }},
      {"task:no message", [](const auto& d, const auto&, const auto&) { d.say(framed("\xff\xff\xff", 3)); }},
      {"task:unknown content", [](const auto& d, const auto&, const auto&) { d.say(framed("\x7a\x01x", 3)); }},
      {"task:ready",
       [](const auto& d, const auto&, const auto&) {
         v1::FromWorker message;
         message.mutable_ready();
         d.say(message);
       }},
      {"task:unknown task", [](const auto& d, const auto& w, const auto& b) { d.say(w.result(b, 5)); }},
      {"task:unknown batch",
       [](const auto& d, const auto& w, const auto& b) {
         v1::FromWorker message = w.result(b, 0);
         message.mutable_results()->set_batch(b.number() + 1);
         d.say(message);
       }},
      {"task:too many results",
       [](const auto& d, const auto& w, const auto& b) {
         v1::FromWorker message = w.result(b, 0);
         for (int i = 0; i < 300; ++i) {
           *message.mutable_results()->add_results() = message.results().results(0);
         }
         d.say(message);
       }},
      {"task:no outcome",
       [](const auto& d, const auto&, const auto& b) {
         v1::FromWorker message = results(b.number(), 0);
         message.mutable_results()->add_results();
         d.say(message);
       }},
      {"task:no results", [](const auto& d, const auto&, const auto& b) { d.say(results(b.number(), 0)); }},
      {"task:started", [](const auto& d, const auto&, const auto& b) { d.say(started(b.number(), 0)); }},
      {"task:progress of another", [](const auto& d, const auto&, const auto& b) { d.say(progress(b.number(), 1)); }},
      {"task:progress of another batch",
       [](const auto& d, const auto&, const auto& b) { d.say(progress(b.number() + 1, 0)); }},
      {"task:progress that is no text",
       [](const auto& d, const auto&, const auto&) { d.say(framed(std::string_view("\x2a\x03\x22\x01\xff", 5), 5)); }},
      {"task:skipped",
       [](const auto& d, const auto&, const auto& b) {
         v1::FromWorker message = results(b.number(), 0);
         message.mutable_results()->add_results()->mutable_skipped();
         d.say(message);
       }},
      {"task:half a frame and exit",
       [](const auto& d, const auto&, const auto&) {
         d.say(framed("half", 100));
         std::_Exit(7);
       }},
      {"task:half a frame and silence", [](const auto& d, const auto&, const auto&) { d.say(framed("half", 100)); }},
      {"task:flood",
       [](const auto& d, const auto&, const auto&) {
         std::string many;
         for (int i = 0; i < 10'000; ++i) many += framed(log_line());
         for (;;) d.say(many);
       }},
      {"task:flood of progress",
       [](const auto& d, const auto&, const auto& b) {
         std::string many;
         for (int i = 0; i < 10'000; ++i) many += framed(progress(b.number(), 0));
         for (;;) d.say(many);
       }},
      {"task:hangs up", [](const auto& d, const auto&, const auto&) { d.hang_up(); }},
      // From here on the task has a result as well.
      {"done:twice",
       [](const auto& d, const auto& w, const auto& b) { d.say(framed(w.result(b, 0)) + framed(w.result(b, 0))); }},
      {"done:twice, the second as of the next batch",
       [](const auto& d, const auto& w, const auto& b) {
         d.say(framed(w.result(b, 0)) + framed(results(b.number() + 1, 0)));
       }},
      {"done:progress", [](const auto& d, const auto& w,
                           const auto& b) { d.say(framed(w.result(b, 0)) + framed(progress(b.number(), 0))); }},
      {"done:garbage",
       [](const auto& d, const auto& w, const auto& b) { d.say(framed(w.result(b, 0)) + std::string(1000, '\xff')); }},
  };
  return kDeeds;
}

[[noreturn]] void live(const std::string& misdeed) {
  const Daemon daemon(std::atoi(std::getenv("FUTURED_WORKER_SOCKET")));
  EchoWorker worker(daemon);
  const v1::WorkerHello& hello = worker.hear_hello();
  if (const auto deed = start_deeds().find(misdeed); deed != start_deeds().end()) {
    deed->second(daemon, hello);
    fall_silent();
  }
  if (misdeed == "good:logs first") daemon.say(log_line());
  worker.get_ready(misdeed != "good:no ledger" && misdeed != "task:started twice" && misdeed != "early:no start");
  if (const auto deed = idle_deeds().find(misdeed); deed != idle_deeds().end()) {
    deed->second(daemon);
    fall_silent();
  }
  for (;;) {
    const v1::Batch batch = worker.hear_batch();
    if (misdeed == "early:no start") {
      daemon.say(worker.result(batch, 0));
      fall_silent();
    } else if (misdeed == "task:started twice") {
      worker.begin(batch, 0);
      worker.begin(batch, 0);
      fall_silent();
    } else if (const auto early = early_deeds().find(misdeed); early != early_deeds().end()) {
      early->second(daemon, worker, batch);
      fall_silent();
    } else if (const auto deed = task_deeds().find(misdeed); deed != task_deeds().end()) {
      if (!worker.begin(batch, 0)) std::_Exit(1);
      deed->second(daemon, worker, batch);
      fall_silent();
    }
    worker.run(batch);
  }
}

// Whether this is the first that comes by.
bool is_first(const char* marker) {
  const int descriptor = ::open(marker, O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0;
}

}  // namespace
}  // namespace futured::testing

int main(int argc, char** argv) {
  using namespace futured::testing;  // NOLINT(google-build-using-namespace)
  const bool bad = argc > 1 && (argc < 3 || is_first(argv[2]));
  live(bad ? argv[1] : "good");
}
