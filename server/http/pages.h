// The pages for machines that look after the daemon: /metrics, /healthz, /readyz.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "server/http/caller.h"
#include "server/http/figures.h"
#include "server/http/message.h"

namespace futured::http {

// /metrics, for whoever may list executors. Collected and written on the thread for work.
class MetricsHandler final : public Handler {
 public:
  // Not owned.
  MetricsHandler(const Caller& caller, const Sources& sources, const HttpStats& stats,
                 boost::asio::any_io_executor thread, boost::asio::any_io_executor work)
      : caller_(caller), sources_(sources), stats_(stats), thread_(std::move(thread)), work_(std::move(work)) {}

  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  void write_page(const std::shared_ptr<Client>& client);

  const Caller& caller_;
  const Sources& sources_;
  const HttpStats& stats_;
  const boost::asio::any_io_executor thread_;
  const boost::asio::any_io_executor work_;
};

// A page that is known at once.
class PageHandler final : public Handler {
 public:
  explicit PageHandler(std::function<Response()> page) : page_(std::move(page)) {}
  void handle(Request /*request*/, std::shared_ptr<Client> client) override { client->respond(page_()); }

 private:
  const std::function<Response()> page_;
};

}  // namespace futured::http
