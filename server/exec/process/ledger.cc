#include "server/exec/process/ledger.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace futured::exec {
namespace {

// The journal lies behind the claims.
std::size_t size_of(std::size_t words) { return words * sizeof(core::Claim) + sizeof(Journal); }

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

bool Journal::append(std::string_view frame) {
  const std::size_t filled = content().size();
  if (frame.size() > kSize - filled) return false;
  std::memcpy(bytes_.data() + filled, frame.data(), frame.size());
  filled_.store(filled + frame.size(), std::memory_order_release);
  return true;
}

std::string Journal::copy() const {
  const std::size_t filled = std::min<std::size_t>(filled_.load(std::memory_order_acquire), kSize);
  return {bytes_.data(), filled};
}

core::Result<Ledger> Ledger::create(std::size_t words) {
  try {
    return create_memory(words);
  } catch (const std::system_error& error) {
    return core::failure(core::Reason::kLaunchFailed, std::string("no ledger: ") + error.what());
  }
}

Ledger Ledger::create_memory(std::size_t words) {
  UniqueFd memory(::memfd_create("futured-ledger", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) fail("memfd_create");
  if (::ftruncate(memory.get(), static_cast<off_t>(size_of(words))) != 0) fail("ftruncate");
  // Memory that shrinks under the daemon would kill it.
  if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) fail("F_ADD_SEALS");
  return Ledger(std::move(memory), words);
}

Ledger Ledger::map(UniqueFd memory, std::size_t words) { return Ledger(std::move(memory), words); }

Ledger::Ledger(UniqueFd memory, std::size_t words) : memory_(std::move(memory)) {
  void* address = ::mmap(nullptr, size_of(words), PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (address == MAP_FAILED) fail("mmap of the ledger");
  // All bits zero is a claim of no batch, and an empty journal.
  claims_ = {static_cast<core::Claim*>(address), words};
  journal_ = reinterpret_cast<Journal*>(claims_.data() + words);
}

Ledger::Ledger(Ledger&& other) noexcept
    : memory_(std::move(other.memory_)),
      claims_(std::exchange(other.claims_, {})),
      journal_(std::exchange(other.journal_, nullptr)) {}

Ledger::~Ledger() {
  if (!claims_.empty()) ::munmap(claims_.data(), size_of(claims_.size()));
}

}  // namespace futured::exec
