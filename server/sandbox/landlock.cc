#include "server/sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "server/exec/process/unique_fd.h"
#include "server/sandbox/layer.h"

namespace futured::sandbox {
namespace {

// Rights that the kernel's headers of Debian 12 do not name yet.
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14;
constexpr std::uint64_t kIoctlDevice = std::uint64_t{1} << 15;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

// All that the kernel knows to deny.
std::uint64_t known_rights(long version) {
  std::uint64_t rights = LANDLOCK_ACCESS_FS_REFER - 1;
  if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) rights |= kTruncate;
  if (version >= 5) rights |= kIoctlDevice;
  return rights;
}

void allow(const exec::UniqueFd& rules, const char* path, std::uint64_t rights) {
  const exec::UniqueFd place(::open(path, O_PATH | O_CLOEXEC));
  if (!place) missing("Landlock", std::string("cannot open ") + path);
  const landlock_path_beneath_attr rule = {rights, place.get()};
  if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    missing("Landlock", std::string("cannot allow ") + path);
  }
}

}  // namespace

void restrict_files(const std::string& writable) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 0) missing("Landlock", "the kernel does not have it");
  const std::uint64_t all = known_rights(version);
  const landlock_ruleset_attr handled = {all};
  const exec::UniqueFd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!rules) missing("Landlock", "cannot make rules");
  allow(rules, "/", kRead);
  allow(rules, "/tmp", all);
  allow(rules, "/dev/null", all & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate));
  if (!writable.empty()) allow(rules, writable.c_str(), all);
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) missing("Landlock", "cannot apply rules");
}

}  // namespace futured::sandbox
