#include "tests/crash/records.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <type_traits>

namespace futured::crash {
namespace {

template <class T>
std::vector<T> read_all(const std::filesystem::path& path) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> records;
  std::ifstream file(path, std::ios::binary);
  for (T record; file.read(reinterpret_cast<char*>(&record), sizeof(record));) records.push_back(record);
  if (file.gcount() != 0) throw std::runtime_error(path.string() + " ends within a record");
  return records;
}

}  // namespace

std::uint64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

Ledger::Ledger(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw std::runtime_error("cannot make the ledger " + file.string());
}

Ledger::~Ledger() { ::close(file_); }

void Ledger::append(std::span<const Fact> facts) {
  if (facts.empty()) return;
  const std::lock_guard lock(mu_);
  const auto bytes = std::as_bytes(facts);
  const bool written = ::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  if (!written || ::fdatasync(file_) != 0) throw std::runtime_error("cannot write the ledger");
  for (const Fact& fact : facts) ++counts_[static_cast<std::size_t>(fact.entry)];
}

std::uint64_t Ledger::count(Entry entry) const {
  const std::lock_guard lock(mu_);
  return counts_[static_cast<std::size_t>(entry)];
}

void append_execution(int file, const Execution& execution) {
  if (::write(file, &execution, sizeof(execution)) != static_cast<ssize_t>(sizeof(execution))) {
    throw std::runtime_error("cannot write the file of executions");
  }
}

std::vector<Fact> read_facts(const std::filesystem::path& file) { return read_all<Fact>(file); }

std::vector<Execution> read_executions(const std::filesystem::path& file) { return read_all<Execution>(file); }

}  // namespace futured::crash
