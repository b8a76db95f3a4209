// Router: which handler has a path, and what holds for all of them: the host's name, the page's token, methods, content
// types.
//
// There are no CORS headers, so a browser lets no page of another origin read an answer. What changes something is a
// POST of application/json, which such a page cannot even send. Below kGuarded a browser also needs the page's token.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/http/host_list.h"
#include "server/http/message.h"
#include "server/http/page_token.h"

namespace futured::http {

// Used on the http thread only, once it is filled.
class Router final : public Handler {
 public:
  static constexpr const char* kGuarded = "/v1/";

  // The token is not owned.
  Router(HostList hosts, const PageToken& token) : hosts_(std::move(hosts)), token_(token) {}

  // `path` is read by GET and HEAD. The handler is not owned, here and below.
  void add_page(std::string path, Handler& handler) { pages_[std::move(path)] = &handler; }
  // The same for every path that begins and ends so.
  void add_pages(std::string prefix, std::string suffix, Handler& handler) {
    page_patterns_.push_back({std::move(prefix), std::move(suffix), &handler});
  }
  // Every path below `prefix` is called by POST.
  void add_calls(std::string prefix, Handler& handler) { calls_.emplace_back(std::move(prefix), &handler); }

  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  struct Pattern {
    std::string prefix;
    std::string suffix;
    Handler* handler;
  };

  // Null: there is none.
  Handler* page_of(const std::string& path) const;
  Handler* calls_of(const std::string& path) const;

  const HostList hosts_;
  const PageToken& token_;
  std::map<std::string, Handler*> pages_;
  std::vector<Pattern> page_patterns_;
  std::vector<std::pair<std::string, Handler*>> calls_;
};

}  // namespace futured::http
