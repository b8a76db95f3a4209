#include "server/store/fault_vfs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace futured::store {
namespace {

using Kind = Fault::Kind;

constexpr std::string_view kKinds[] = {"write", "sync", "truncate", "open", "delete", "read"};
constexpr std::string_view kForEver = ":ever";
constexpr std::string_view kTold = "futured: an operation failed as FUTURED_FAULT_AT says\n";

// What a file held, before its last sync, where it was changed since then.
class Unsynced {
 public:
  // Bytes `begin` to `end` are about to change, or to go.
  void remember(sqlite3_file* file, sqlite3_int64 begin, sqlite3_int64 end) {
    Piece piece{begin, 0, {}};
    if (file->pMethods->xFileSize(file, &piece.file_size) != SQLITE_OK) return;
    piece.bytes.resize(static_cast<std::size_t>(std::max<sqlite3_int64>(std::min(end, piece.file_size) - begin, 0)));
    file->pMethods->xRead(file, piece.bytes.data(), static_cast<int>(piece.bytes.size()), begin);
    pieces_.push_back(std::move(piece));
  }
  void forget() { pieces_.clear(); }
  void bring_back(sqlite3_file* file) {
    for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
      const int size = static_cast<int>(piece->bytes.size());
      if (size > 0) file->pMethods->xWrite(file, piece->bytes.data(), size, piece->begin);
      file->pMethods->xTruncate(file, piece->file_size);
    }
    pieces_.clear();
  }

 private:
  struct Piece {
    sqlite3_int64 begin;
    sqlite3_int64 file_size;
    std::vector<char> bytes;
  };
  std::vector<Piece> pieces_;
};

// A file of ours, followed in memory by the usual one. SQLite makes room for both.
struct File {
  sqlite3_file base;
  FaultVfs* vfs;
  Unsynced* unsynced;
  sqlite3_file* usual() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& ours(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

// Passes a call on to the usual file.
template <auto Method, class... Args>
int pass(sqlite3_file* file, Args... args) {
  sqlite3_file* usual = ours(file).usual();
  return (usual->pMethods->*Method)(usual, args...);
}

void barrier(sqlite3_file* file) {
  sqlite3_file* usual = ours(file).usual();
  usual->pMethods->xShmBarrier(usual);
}

using Methods = sqlite3_io_methods;

int close(sqlite3_file* file) {
  delete ours(file).unsynced;
  return pass<&Methods::xClose>(file);
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  if (ours(file).vfs->fails(Kind::kRead)) return SQLITE_IOERR_READ;
  return pass<&Methods::xRead>(file, to, size, at);
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  File& own = ours(file);
  if (own.vfs->fails(Kind::kWrite)) return SQLITE_IOERR_WRITE;
  own.unsynced->remember(own.usual(), at, at + size);
  return pass<&Methods::xWrite>(file, from, size, at);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& own = ours(file);
  if (own.vfs->fails(Kind::kTruncate)) return SQLITE_IOERR_TRUNCATE;
  own.unsynced->remember(own.usual(), size, std::numeric_limits<sqlite3_int64>::max());
  return pass<&Methods::xTruncate>(file, size);
}

int sync(sqlite3_file* file, int flags) {
  File& own = ours(file);
  if (own.vfs->fails(Kind::kSync)) {
    own.unsynced->bring_back(own.usual());
    errno = EIO;
    return SQLITE_IOERR_FSYNC;
  }
  const int code = pass<&Methods::xSync>(file, flags);
  if (code == SQLITE_OK) own.unsynced->forget();
  return code;
}

constexpr Methods kMethods = {
    2,
    close,
    read,
    write,
    truncate,
    sync,
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

FaultVfs& fault_vfs(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
  File& opened = ours(file);
  opened.base.pMethods = nullptr;
  opened.vfs = &fault_vfs(vfs);
  if (opened.vfs->fails(Kind::kOpen)) return SQLITE_CANTOPEN;
  const int code = usual->xOpen(usual, name, opened.usual(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  opened.unsynced = std::make_unique<Unsynced>().release();
  opened.base.pMethods = &kMethods;
  return code;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  if (fault_vfs(vfs).fails(Kind::kDelete)) return SQLITE_IOERR_DELETE;
  sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
  return usual->xDelete(usual, name, sync_folder);
}

void tell() { [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kTold.data(), kTold.size()); }

}  // namespace

std::optional<Fault> parse_fault(std::string_view text) {
  Fault fault;
  fault.for_ever = text.ends_with(kForEver);
  if (fault.for_ever) text.remove_suffix(kForEver.size());
  const auto colon = text.find(':');
  const auto kind = std::find(std::begin(kKinds), std::end(kKinds), text.substr(0, colon));
  if (colon == text.npos || kind == std::end(kKinds)) return std::nullopt;
  fault.kind = static_cast<Kind>(kind - std::begin(kKinds));
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), fault.n);
  if (error != std::errc() || end != text.data() + text.size() || fault.n < 1) return std::nullopt;
  return fault;
}

FaultVfs::FaultVfs(std::function<void()> on_fault)
    : name_("fault"), on_fault_(std::move(on_fault)), vfs_(*sqlite3_vfs_find(nullptr)) {
  vfs_.szOsFile += static_cast<int>(sizeof(File));
  vfs_.zName = name_.c_str();
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = delete_file;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::arm(const Fault& fault) {
  hit_ = false;
  kind_ = fault.kind;
  for_ever_ = fault.for_ever;
  left_ = fault.n;
}

bool FaultVfs::fails(Fault::Kind kind) {
  if (left_ < 0 || kind != kind_) return false;
  const long left = left_.fetch_sub(1) - 1;
  if (left != 0) return false;
  if (for_ever_) left_ = 1;
  if (!hit_.exchange(true) && on_fault_) on_fault_();
  errno = EIO;
  return true;
}

core::Result<std::string> vfs_of_environment() {
  const char* text = std::getenv("FUTURED_FAULT_AT");
  if (text == nullptr || *text == '\0') return std::string();
  const auto fault = parse_fault(text);
  if (!fault) {
    return core::failure(core::Reason::kSettingInvalid,
                         std::string("FUTURED_FAULT_AT=") + text + " is not KIND:N or KIND:N:ever");
  }
  static FaultVfs vfs(tell);
  vfs.arm(*fault);
  return vfs.name();
}

}  // namespace futured::store
