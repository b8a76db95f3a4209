#include "server/http/pages.h"

#include <boost/asio/post.hpp>

#include "server/http/metrics_page.h"

namespace futured::http {

void MetricsHandler::handle(Request request, std::shared_ptr<Client> client) {
  caller_.admit_reader(request, client, [this](const std::shared_ptr<Client>& reader) { write_page(reader); });
}

void MetricsHandler::write_page(const std::shared_ptr<Client>& client) {
  boost::asio::post(work_, [this, client = client]() mutable {
    Response response{200, kMetricsType, metrics_page(collect(sources_, stats_), sources_)};
    boost::asio::post(thread_, [client = std::move(client), response = std::move(response)]() mutable {
      client->respond(std::move(response));
    });
  });
}

}  // namespace futured::http
