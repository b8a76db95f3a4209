#include "tests/store/fault_vfs.h"

namespace futured::testing {
namespace {

// A file of ours, followed in memory by the usual one.
struct File {
  sqlite3_file base;
  FaultVfs* vfs;
  sqlite3_file* usual() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& ours(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

// Passes a call on to the usual file.
template <auto Method, class... Args>
int pass(sqlite3_file* file, Args... args) {
  sqlite3_file* usual = ours(file).usual();
  return (usual->pMethods->*Method)(usual, args...);
}

template <Operation kOperation, int kError, auto Method, class... Args>
int may_fail(sqlite3_file* file, Args... args) {
  return ours(file).vfs->fails(kOperation) ? kError : pass<Method>(file, args...);
}

void barrier(sqlite3_file* file) {
  sqlite3_file* usual = ours(file).usual();
  usual->pMethods->xShmBarrier(usual);
}

using Methods = sqlite3_io_methods;
constexpr Methods kMethods = {
    2,
    pass<&Methods::xClose>,
    pass<&Methods::xRead, void*, int, sqlite3_int64>,
    may_fail<Operation::kWrite, SQLITE_IOERR_WRITE, &Methods::xWrite, const void*, int, sqlite3_int64>,
    may_fail<Operation::kTruncate, SQLITE_IOERR_TRUNCATE, &Methods::xTruncate, sqlite3_int64>,
    may_fail<Operation::kSync, SQLITE_IOERR_FSYNC, &Methods::xSync, int>,
    pass<&Methods::xFileSize, sqlite3_int64*>,
    pass<&Methods::xLock, int>,
    pass<&Methods::xUnlock, int>,
    pass<&Methods::xCheckReservedLock, int*>,
    pass<&Methods::xFileControl, int, void*>,
    pass<&Methods::xSectorSize>,
    pass<&Methods::xDeviceCharacteristics>,
    pass<&Methods::xShmMap, int, int, int, void volatile**>,
    pass<&Methods::xShmLock, int, int, int>,
    barrier,
    pass<&Methods::xShmUnmap, int>,
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto& fault = *static_cast<FaultVfs*>(vfs->pAppData);
  sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
  File& opened = ours(file);
  opened.base.pMethods = nullptr;
  opened.vfs = &fault;
  if (fault.fails(Operation::kOpen)) return SQLITE_CANTOPEN;
  const int code = usual->xOpen(usual, name, opened.usual(), flags, out_flags);
  if (code == SQLITE_OK) opened.base.pMethods = &kMethods;
  return code;
}

}  // namespace

FaultVfs::FaultVfs() : name_("fault"), vfs_(*sqlite3_vfs_find(nullptr)) {
  vfs_.szOsFile += static_cast<int>(sizeof(File));
  vfs_.zName = name_.c_str();
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::arm(Operation operation, long n, bool for_ever) {
  hit_ = false;
  operation_ = operation;
  for_ever_ = for_ever;
  left_ = n;
}

bool FaultVfs::fails(Operation operation) {
  if (left_ < 0 || operation != operation_) return false;
  const long left = left_.fetch_sub(1) - 1;
  if (left != 0) return false;
  if (for_ever_) left_ = 1;
  hit_ = true;
  return true;
}

}  // namespace futured::testing
