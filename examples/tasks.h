// The functions of libfutured_examples.so, for those who call them.
#pragma once

#include <futured/bytes.h>
#include <futured/struct.h>
#include <futured/task.h>

#include <cstdint>
#include <string>
#include <vector>

namespace examples {

// What a server answered.
struct Page {
  int status = 0;
  std::string content_type;
  futured::Bytes body;
};
FUTURED_STRUCT(Page, status, content_type, body);

// Size of a text. A word is what has no white space in it; a line is what ends with a line feed.
struct TextSize {
  std::uint64_t lines = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
};
FUTURED_STRUCT(TextSize, lines, words, bytes);

// Whether a number is prime, and how long it took to find out, in seconds.
struct Verdict {
  bool prime = false;
  double seconds = 0;
};
FUTURED_STRUCT(Verdict, prime, seconds);

// The page at http://host[:port][/path], at most 1 MiB of it. Redirects are not followed. A coroutine: while it waits
// for the server it holds no thread.
inline constexpr futured::Task<Page(std::string)> fetch{"http.get"};
// The same as a plain function: it holds a thread until the server has answered.
inline constexpr futured::Task<Page(std::string)> fetch_blocking{"http.get_blocking"};

// A file where the daemon runs, of at most 1 MiB.
inline constexpr futured::Task<futured::Bytes(std::string)> read_file{"file.read"};
// Size of a file of any size where the daemon runs.
inline constexpr futured::Task<TextSize(std::string)> count_file{"file.word_count"};
inline constexpr futured::Task<TextSize(std::string)> count_words{"text.word_count"};

// By trial division: work for a processor, half a second of it for the largest primes of 16 digits.
inline constexpr futured::Task<bool(std::uint64_t)> is_prime{"math.is_prime"};
inline constexpr futured::Task<Verdict(std::uint64_t)> judge_prime{"math.judge_prime"};
// Fails when the sum has more than 64 bits.
inline constexpr futured::Task<std::uint64_t(std::vector<std::uint32_t>)> sum_of_squares{"math.sum_of_squares"};

// Kills the process that runs it as a bad pointer would, by SIGSEGV. Fails outside of a worker process, where it would
// take the daemon along.
inline constexpr futured::Task<void()> crash{"fault.crash"};

// Programs, once the daemon has read programs.toml.
// factor(1): "12: 2 2 3".
inline constexpr futured::Task<std::string(std::string)> factor{"math.factor"};
// sort(1): the lines of a text in their order.
inline constexpr futured::Task<std::string(std::string)> sort_lines{"text.sort_lines"};

// Seconds. A coroutine: holds no thread.
inline constexpr futured::Task<void(double)> sleep{"time.sleep"};

}  // namespace examples
