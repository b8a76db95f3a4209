// What a worker process may send, from bytes to outcomes: frames, messages, and what a batch makes of them.
//
// An input is a script of three bytes, then the stream. The script says how large the pieces are in which the stream
// comes, which tasks the worker has begun and which were cancelled, and whether it uses the ledger.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/process/batch.h"
#include "server/exec/process/frame.h"
#include "tests/core/test_table.h"

namespace futured::testing {
namespace {

constexpr std::size_t kTasks = 8;
constexpr std::size_t kMaxFrameSize = 4096;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

struct Script {
  std::size_t piece;
  std::uint8_t begun;
  std::uint8_t cancelled;
  bool ledger;
};

struct Frames {
  std::vector<std::string> whole;
  std::string error;
};

Frames read(std::string_view stream, std::size_t piece) {
  exec::FrameReader reader(kMaxFrameSize);
  Frames frames;
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
    reader.append(stream.substr(0, piece));
    while (const auto frame = reader.next()) frames.whole.emplace_back(*frame);
  }
  frames.error = reader.error();
  return frames;
}

// A batch of tasks in a worker that talks at random.
class Worker {
 public:
  explicit Worker(const Script& script) {
    batch_.use(script.ledger ? std::span(claims_) : std::span(claims_).first(1), script.ledger);
    bench_.learn_that_it_is_quick();
    require(bench_.submit({1, 2, 3, 4, 5, 6, 7, 8}).has_value(), "tasks are taken");
    batch_.hold(bench_.executor.come());
    next();
    for (std::size_t i = 0; i < kTasks; ++i) {
      if ((script.cancelled >> i & 1) != 0) bench_.cancel(i + 1);
      if (script.ledger && (script.begun >> i & 1) != 0) begun_[i] = claims_[i].begin(told_.number());
    }
  }

  // What a worker says, until it breaks the protocol.
  void hear(const std::vector<std::string>& frames) {
    worker::v1::FromWorker message;
    for (const std::string& frame : frames) {
      if (!message.ParseFromString(frame)) return;
      if (message.has_log()) {
        batch_.find(message.log().batch(), message.log().index());
        lines_ % 2 == 0 ? batch_.log(message.log()) : batch_.drop_line(message.log());
        ++lines_;
      }
      const std::optional<std::string> broken = tell(message);
      if (!broken) continue;
      if (!broken->empty()) return;
      require(has_more_, "nothing is heard behind the last result");
      if (!batch_.waiting()) next();
      batch_.idle_since();
    }
  }
  // What it left in its journal.
  void recover(const std::vector<std::string>& frames) {
    worker::v1::FromWorker message;
    for (const std::string& frame : frames) {
      if (message.ParseFromString(frame) && message.has_results()) batch_.recovered(message.results());
    }
  }
  // It dies; others do what is left.
  void end() {
    batch_.abandon([](std::size_t) { return false; },
                   [](std::size_t) {
                     return core::Outcome::failed({core::Origin::kWorker, "WorkerLost", "", "", nullptr, 1, "worker"});
                   });
    while (bench_.executor.woken() > 0) {
      for (auto lease = bench_.executor.come(); lease != nullptr; lease = bench_.executor.run(lease)) {
        for (const std::uint64_t counter : counters_of(*lease)) {
          require(!begun_[counter - 1], "what has begun does not begin again");
        }
      }
    }
    std::uint64_t kept = 0;
    for (std::uint64_t counter = 1; counter <= kTasks; ++counter) {
      const core::FutureSnapshot snapshot = bench_.snapshot(counter);
      require(is_terminal(snapshot.state), "every task ends");
      kept += snapshot.log_lines + snapshot.log_lines_dropped;
    }
    require(kept <= lines_, "no line is invented");
  }

 private:
  static bool is_terminal(core::State state) {
    return state == core::State::kSucceeded || state == core::State::kFailed || state == core::State::kCancelled;
  }
  // How the batch finds what it is told; nothing if that is none of its affairs.
  std::optional<std::string> tell(const worker::v1::FromWorker& message) {
    if (message.has_started()) return batch_.started(message.started());
    if (message.has_results()) return batch_.results(message.results());
    if (message.has_progress()) return batch_.progress(message.progress());
    return std::nullopt;
  }
  void next() { has_more_ = batch_.next(std::size_t{1} << 20, told_); }

  TestTable bench_;
  std::array<core::Claim, kTasks> claims_;
  std::array<bool, kTasks> begun_{};
  exec::Batch batch_{bench_.table, bench_.time, "worker", 1U << 20};
  worker::v1::Batch told_;
  bool has_more_ = false;
  std::uint64_t lines_ = 0;
};

}  // namespace
}  // namespace futured::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace futured::testing;  // NOLINT(google-build-using-namespace)
  if (size < 3) return 0;
  const Script script{std::size_t{data[0]} / 2 + 1U, data[1], data[2], data[0] % 2 == 0};
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
  const Frames frames = read(stream, script.piece);
  const Frames at_once = read(stream, std::max<std::size_t>(stream.size(), 1));
  require(frames.whole == at_once.whole && frames.error == at_once.error, "pieces make no difference");
  Worker heard(script);
  heard.hear(frames.whole);
  heard.recover(frames.whole);
  heard.end();
  return 0;
}
