#include "server/exec/process/ledger.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace futured::exec {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

Ledger Ledger::create(std::size_t words) {
  UniqueFd memory(::memfd_create("futured-ledger", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) fail("memfd_create");
  if (::ftruncate(memory.get(), static_cast<off_t>(words * sizeof(core::Claim))) != 0) fail("ftruncate");
  // Memory that shrinks under the daemon would kill it.
  if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) fail("F_ADD_SEALS");
  return Ledger(std::move(memory), words);
}

Ledger Ledger::map(UniqueFd memory, std::size_t words) { return Ledger(std::move(memory), words); }

Ledger::Ledger(UniqueFd memory, std::size_t words) : memory_(std::move(memory)) {
  void* address = ::mmap(nullptr, words * sizeof(core::Claim), PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (address == MAP_FAILED) fail("mmap of the ledger");
  // All bits zero is a claim of no batch.
  claims_ = {static_cast<core::Claim*>(address), words};
}

Ledger::Ledger(Ledger&& other) noexcept
    : memory_(std::move(other.memory_)), claims_(std::exchange(other.claims_, {})) {}

Ledger::~Ledger() {
  if (!claims_.empty()) ::munmap(claims_.data(), claims_.size_bytes());
}

}  // namespace futured::exec
