#include "server/http/task_events.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <set>
#include <utility>

#include "server/http/error_json.h"
#include "server/http/tasks_json.h"

namespace futured::http {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kBeat{250};
// gRPC's code.
constexpr int kUnauthenticated = 16;

std::optional<std::string> credentials_of(const Request& request) {
  const auto header = request.header("authorization");
  return header ? std::optional<std::string>(*header) : std::nullopt;
}

}  // namespace

TaskEvents::TaskEvents(Parts parts, asio::any_io_executor thread, asio::any_io_executor work)
    : parts_(std::move(parts)),
      thread_(std::move(thread)),
      work_(std::move(work)),
      streams_(parts_.count, parts_.stats, thread_,
               {.beat = kBeat,
                .drops_slow_readers = false,
                .due =
                    [this] {
                      if (!updating_) update();
                    },
                .changed = [this] { adjust_watches(); }}) {}

void TaskEvents::handle(Request request, std::shared_ptr<Client> client) {
  if (!request.query.empty()) return client->respond(error_response(400, "/v1/tasks: takes nothing after a \"?\""));
  const bool is_head = request.method == "HEAD";
  parts_.caller.admit_reader(
      request, client, [this, is_head, credentials = credentials_of(request)](const std::shared_ptr<Client>& reader) {
        if (is_head) return reader->respond({200, kEventStream});
        const auto account = parts_.account_of(credentials);
        if (!account) {
          return reader->respond(error_response(
              {.code = kUnauthenticated, .message = "the credentials have just been taken back, or have expired"}));
        }
        streams_.open(reader, 1, *account);
      });
}

void TaskEvents::adjust_watches() {
  std::set<core::AccountIndex> listening;
  for (const EventStreams::Stream& stream : streams_.all()) listening.insert(stream.account);
  std::erase_if(watches_, [&](const auto& watch) { return !listening.contains(watch.first); });
  for (const core::AccountIndex account : listening) {
    auto& watch = watches_[account];
    if (watch == nullptr) watch = std::make_shared<core::TaskWatch>(parts_.sources.table, account);
  }
}

void TaskEvents::update() {
  updating_ = true;
  asio::post(work_, [this, watches = watches_] {
    auto texts = look(watches);
    asio::post(thread_, [this, texts = std::move(texts)] {
      updating_ = false;
      streams_.send([&](const EventStreams::Stream& stream) {
        // One that came meanwhile is told the next time.
        const auto found = texts.find(stream.account);
        return found == texts.end() ? std::string() : found->second;
      });
    });
  });
}

TaskEvents::Texts TaskEvents::look(const Watches& watches) const {
  Texts texts;
  const auto executors = parts_.sources.table.executors();
  for (const auto& [account, watch] : watches) {
    const core::TasksSeen seen = watch->look(kMost);
    const std::string data = tasks_json(seen, executors, parts_.clock.wall_time());
    texts[account] = "event: tasks\ndata: " + data + "\n\n";
  }
  return texts;
}

}  // namespace futured::http
