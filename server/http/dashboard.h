// Dashboard: the page for people, and its files. Anybody may read them; what they show is asked for under /v1/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/http/dashboard_files.h"
#include "server/http/message.h"

namespace futured::http {

// May be used from any thread.
class Dashboard final : public Handler {
 public:
  // `token` takes the place of @FUTURED_TOKEN@ in the page: see page_token.h. Without files `/` says how to get them.
  Dashboard(std::span<const DashboardFile> files, const std::string& token);

  // Each path that it has.
  std::vector<std::string> paths() const;
  // REQUIRES: one of its paths.
  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  const std::span<const DashboardFile> files_;
  // The page, with the token.
  std::string page_;
};

}  // namespace futured::http
