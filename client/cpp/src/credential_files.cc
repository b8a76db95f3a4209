#include "credential_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace futured::detail {
namespace {

constexpr std::size_t kMaxToken = 4 << 10;
constexpr std::size_t kMaxPem = 1 << 20;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw std::invalid_argument("credentials: " + path + " " + reason);
}

[[noreturn]] void refuse(const std::string& path, int error) {
  refuse(path, "cannot be read: " + std::generic_category().message(error));
}

class Descriptor {
 public:
  // A pipe without a writer would be waited for.
  explicit Descriptor(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (number_ < 0) refuse(path, errno);
  }
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

void check_kind(const std::string& path, const struct stat& file, bool secret) {
  if (!S_ISREG(file.st_mode)) refuse(path, "is no regular file");
  constexpr unsigned kOthers = S_IRWXG | S_IRWXO;
  if (!secret || file.st_uid != ::getuid() || (file.st_mode & kOthers) == 0) return;
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", file.st_mode & 07777U);
  refuse(path, std::string("has mode ") + mode + ", so that others may use it: `chmod 600` it");
}

// At most so many bytes.
std::string read_file(const std::string& path, std::size_t most, bool secret) {
  const Descriptor file(path);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) refuse(path, errno);
  check_kind(path, status, secret);
  std::string content(most, '\0');
  std::size_t size = 0;
  while (size < most) {
    const ssize_t count = ::read(file.number(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

void check_size(const std::string& where, std::string_view content, std::size_t limit) {
  if (content.size() > limit) refuse(where, "has more than " + std::to_string(limit) + " bytes");
}

// `where` it is from. What else may be in a header is never in a token, and gRPC ends the program for some of it.
void check_token(std::string_view token, const std::string& where) {
  if (token.empty()) refuse(where, "has no token");
  check_size(where, token, kMaxToken);
  if (token.find('\n') != token.npos) refuse(where, "has more than one line");
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  if (std::all_of(token.begin(), token.end(), is_visible)) return;
  refuse(where, "has a space, a control character or one beyond ASCII in its token");
}

std::string read_token(const std::string& path) {
  // The end of the line, one or two bytes, counts for nothing.
  std::string token = read_file(path, kMaxToken + 3, true);
  if (token.ends_with('\n')) token.pop_back();
  if (token.ends_with('\r')) token.pop_back();
  check_token(token, path);
  return token;
}

std::string read_pem(const std::string& path, const char* kind, bool secret) {
  if (path.empty()) return "";
  std::string content = read_file(path, kMaxPem + 1, secret);
  check_size(path, content, kMaxPem);
  if (content.find("-----BEGIN ") == content.npos || content.find(std::string(kind) + "-----") == content.npos) {
    refuse(path, std::string("has no ") + kind + " in PEM");
  }
  return content;
}

// Those that belong together come from one place.
void complete(std::string& first, const char* first_variable, std::string& second, const char* second_variable) {
  if (!first.empty() || !second.empty()) return;
  if (const char* const value = std::getenv(first_variable)) first = value;
  if (const char* const value = std::getenv(second_variable)) second = value;
}

void complete(std::string& field, const char* variable) {
  const char* const value = std::getenv(variable);
  if (field.empty() && value != nullptr) field = value;
}

}  // namespace

Credentials with_environment(Credentials credentials) {
  if (!credentials.environment) return credentials;
  complete(credentials.token, "FUTURED_TOKEN", credentials.token_file, "FUTURED_TOKEN_FILE");
  complete(credentials.certificate_file, "FUTURED_CERTIFICATE_FILE", credentials.key_file, "FUTURED_KEY_FILE");
  complete(credentials.ca_file, "FUTURED_CA_FILE");
  complete(credentials.server_name, "FUTURED_SERVER_NAME");
  return credentials;
}

LoadedCredentials load(const Credentials& credentials) {
  LoadedCredentials loaded{.token = credentials.token,
                           .authorities = read_pem(credentials.ca_file, "CERTIFICATE", false),
                           .certificate = read_pem(credentials.certificate_file, "CERTIFICATE", false),
                           .key = read_pem(credentials.key_file, "PRIVATE KEY", true)};
  if (!credentials.token.empty()) check_token(credentials.token, "the given token");
  if (!credentials.token_file.empty()) loaded.token = read_token(credentials.token_file);
  return loaded;
}

}  // namespace futured::detail
