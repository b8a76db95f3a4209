// Request and Response: what a client says over HTTP, and what it is told. Client: where the answer goes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace futured::http {

struct Request {
  // In capital letters, as "GET".
  std::string method;
  // "/v1/events", and what comes after "?", both as they were sent.
  std::string path;
  std::string query;
  // Unset: the header is not there.
  std::optional<std::string> host;
  std::optional<std::string> content_type;
  // The other headers that anybody here looks at, by name in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// The client of one request. Used on the http thread only.
class Client {
 public:
  virtual ~Client() = default;
  // "127.0.0.1:40000"
  virtual const std::string& peer() const = 0;
  // Answers. Once, unless begin_stream() was called; without effect when the client has gone.
  virtual void respond(Response response) = 0;
  // Answers with a body that has no end yet; it begins with that of `head`.
  virtual void begin_stream(Response head) = 0;
  // Adds to that body. False: the client has not read all that was written before, and this is dropped.
  virtual bool write(std::string piece) = 0;
  // Calls `written` once, when all that was added has left; at once if it has. Without effect when the client has gone.
  virtual void when_written(std::function<void()> written) = 0;
  // Ends the connection at once.
  virtual void close() = 0;
  // `gone` is called once if the connection ends before the answer does, at once if it has ended already.
  virtual void when_gone(std::function<void()> gone) = 0;
};

// Answers requests.
class Handler {
 public:
  virtual ~Handler() = default;
  // On the http thread; must not block. The answer may come later.
  virtual void handle(Request request, std::shared_ptr<Client> client) = 0;
};

}  // namespace futured::http
