// futured-worker: runs C++ functions for the daemon, in a process of its own. Started by the daemon only.
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include "futured/error_info.h"
#include "futured/plugin_loader.h"
#include "futured/registry.h"
#include "server/exec/process/ledger.h"
#include "server/worker/conversation.h"
#include "server/worker/worker.h"

namespace futured::worker {
namespace {

constexpr int kLedgerNumber = 4;
constexpr std::uint32_t kProtocol = 1;

// Takes a descriptor that the daemon left, so that programs which functions start don't have it.
exec::UniqueFd adopt(int number) {
  ::fcntl(number, F_SETFD, FD_CLOEXEC);
  return exec::UniqueFd(number);
}

void say_unfit(Conversation& conversation, const std::string& why) {
  v1::FromWorker message;
  futured::v1::Error& error = *message.mutable_ready()->mutable_error();
  error.set_origin(futured::v1::ERROR_ORIGIN_EXECUTOR);
  error.set_type("futured::PluginError");
  error.set_message(why);
  conversation.say(message);
}

int run(int socket) {
  Conversation conversation(adopt(socket));
  v1::ToWorker first;
  if (conversation.hear(first, std::nullopt) != Conversation::Heard::kMessage || !first.has_hello())
    return EXIT_FAILURE;
  const v1::WorkerHello& hello = first.hello();
  if (hello.protocol() < kProtocol) return EXIT_FAILURE;
  conversation.limit_frames(hello.max_frame_size());
  Registry registry;
  try {
    for (const std::string& plugin : hello.plugins()) load_plugin(plugin, registry);
  } catch (const std::exception& error) {
    say_unfit(conversation, error.what());
    return EXIT_FAILURE;
  }
  const exec::Ledger ledger = exec::Ledger::map(adopt(kLedgerNumber), hello.ledger_words());
  Worker worker(conversation, registry, hello, ledger);
  if (!worker.get_ready()) return EXIT_FAILURE;
  worker.run();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace futured::worker

int main() {
  const char* socket = std::getenv("FUTURED_WORKER_SOCKET");
  if (socket == nullptr) {
    std::fputs("futured-worker: the daemon starts this program; FUTURED_WORKER_SOCKET is not set\n", stderr);
    return EXIT_FAILURE;
  }
  try {
    return futured::worker::run(std::atoi(socket));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "futured-worker: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
