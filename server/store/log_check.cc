// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#include "server/store/log_check.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace futured::store {
namespace {

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kFrameHeaderSize = 24;
constexpr std::uint32_t kMagic = 0x377f0682;
constexpr std::size_t kSector = 512;

using ByteSpan = std::span<const unsigned char>;

std::uint32_t big_endian(ByteSpan bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

std::uint32_t little_endian(ByteSpan bytes, std::size_t at) {
  return std::uint32_t{bytes[at + 3]} << 24 | std::uint32_t{bytes[at + 2]} << 16 | std::uint32_t{bytes[at + 1]} << 8 |
         bytes[at];
}

// The sum over all bytes so far.
struct Checksum {
  bool big = false;
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(ByteSpan bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += (big ? big_endian(bytes, at) : little_endian(bytes, at)) + second;
      second += (big ? big_endian(bytes, at + 4) : little_endian(bytes, at + 4)) + first;
    }
  }
  bool is_at(ByteSpan bytes, std::size_t at) const {
    return first == big_endian(bytes, at) && second == big_endian(bytes, at + 4);
  }
};

// Follows the frames of a log. A frame of an earlier use of the file has another salt than its header; one that an
// interrupted commit has left is not linked to what was written over the beginning of that commit.
class Frames {
 public:
  Frames(ByteSpan header, Checksum sum) : salt_(header.begin() + 16, header.begin() + 24), sum_(sum) {}

  // Whether this frame proves that an earlier one, once synced, is damaged: it was written after the end of that one's
  // transaction, which is synced before anything follows it.
  bool proves_damage(ByteSpan frame) {
    const bool of_this_use = std::equal(salt_.begin(), salt_.end(), frame.begin() + 8);
    sum_.add(frame.first(8));
    sum_.add(frame.subspan(kFrameHeaderSize));
    const bool linked = of_this_use && sum_.is_at(frame, 16);
    sum_.first = big_endian(frame, 16);
    sum_.second = big_endian(frame, 20);
    broken_ = broken_ || !linked;
    const bool proof = linked && after_end_;
    after_end_ = broken_ && of_this_use && ends_transaction(frame);
    at_ += frame.size();
    return proof;
  }

 private:
  // What says so may be on the disk from another time than the salt, if they are in different sectors.
  bool ends_transaction(ByteSpan frame) const {
    return big_endian(frame, 4) != 0 && (at_ + 4) / kSector == (at_ + 15) / kSector;
  }

  const std::vector<unsigned char> salt_;
  // Of the frame before this one, as that one has it.
  Checksum sum_;
  std::size_t at_ = kHeaderSize;
  // There is damage, or the end of what was committed.
  bool broken_ = false;
  // The frame before this one ends a transaction, and is broken or comes after a broken one.
  bool after_end_ = false;
};

bool read(std::ifstream& file, std::vector<unsigned char>& buffer) {
  return static_cast<bool>(
      file.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(buffer.size())));
}

}  // namespace

core::Result<void> check_log(const std::filesystem::path& log) {
  const auto damaged = [&] {
    return core::failure(core::Reason::kDataRefused,
                         "the write-ahead log " + log.string() +
                             " is damaged: futures in it would be lost; neither it nor the database was touched");
  };
  std::ifstream file(log, std::ios::binary);
  if (!file) return core::failure(core::Reason::kStoreFailed, "cannot read " + log.string());
  std::vector<unsigned char> header(kHeaderSize);
  // A file that is shorter, or whose header is empty, was cut off before its first commit.
  if (!read(file, header) || std::all_of(header.begin(), header.end(), [](auto byte) { return byte == 0; })) return {};
  Checksum sum{(big_endian(header, 0) & 1) != 0};
  sum.add(ByteSpan(header).first(24));
  const std::uint32_t page_size = big_endian(header, 8);
  if ((big_endian(header, 0) & ~1u) != kMagic || !sum.is_at(header, 24) || page_size > 65536) return damaged();
  Frames frames(header, sum);
  std::vector<unsigned char> frame(kFrameHeaderSize + page_size);
  while (read(file, frame)) {
    if (frames.proves_damage(frame)) return damaged();
  }
  return {};
}

}  // namespace futured::store
