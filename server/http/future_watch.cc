#include "server/http/future_watch.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string_view>
#include <utility>

#include "futured/v1/future_service.pb.h"
#include "server/http/error_json.h"
#include "server/http/json_codec.h"

namespace futured::http {
namespace asio = boost::asio;
namespace {

constexpr const char* kWatch = "/futured.v1.FutureService/Watch";
constexpr const char* kDone = "event: done\ndata: {}\n\n";

std::string id_in(std::string_view path) {
  path.remove_prefix(std::string_view(FutureWatch::kPrefix).size());
  path.remove_suffix(std::string_view(FutureWatch::kSuffix).size());
  return std::string(path);
}

// Whether it may be said to gRPC, which tells whether it is an ID.
bool is_plain(std::string_view id) {
  return std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

std::string request_of(const std::string& id) {
  v1::WatchRequest request;
  request.add_ids(id);
  request.set_logs(true);
  request.set_progress(true);
  request.set_follow(true);
  return request.SerializeAsString();
}

// Empty: it has no words in JSON.
std::string event_of(const std::string& bytes) {
  v1::WatchResponse response;
  if (!response.ParseFromString(bytes)) return {};
  bool has_lines = false;
  for (const v1::FutureNews& news : response.news()) has_lines = has_lines || news.lines_size() > 0;
  const auto data = to_json(*v1::WatchResponse::descriptor(), bytes);
  if (!data) return {};
  return std::string(has_lines ? "event: log\ndata: " : "event: progress\ndata: ") + *data + "\n\n";
}

}  // namespace

class FutureWatch::Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(FutureWatch& owner, std::shared_ptr<Client> client, bool is_head)
      : owner_(owner), client_(std::move(client)), is_head_(is_head) {}

  void start(const Request& request) {
    auto call = owner_.caller_.stream(
        request, *client_, kWatch, request_of(id_in(request.path)),
        [self = shared_from_this()](std::string bytes) { self->message(std::move(bytes)); },
        [self = shared_from_this()](const core::UnaryAnswer& answer) { self->ended(answer); });
    if (!call) return client_->respond(std::move(call.error()));
    call_ = *std::move(call);
    client_->when_gone([self = shared_from_this()] { self->gone(); });
  }

 private:
  void message(std::string bytes) {
    asio::post(owner_.work_, [self = shared_from_this(), bytes = std::move(bytes)] {
      asio::post(self->owner_.thread_, [self, text = event_of(bytes)] { self->tell(text); });
    });
  }

  void tell(const std::string& text) {
    if (is_over_) return;
    if (is_open_) {
      client_->write(text);
    } else if (!open(text)) {
      is_over_ = true;
      return call_->cancel();
    }
    client_->when_written([call = call_] { call->next(); });
  }

  // False: it is not to be, and the client was told so.
  bool open(const std::string& text) {
    if (is_head_) {
      client_->respond({200, kEventStream});
      return false;
    }
    if (!owner_.count_.take(*client_)) return false;
    is_open_ = true;
    client_->begin_stream({200, kEventStream, text});
    client_->when_gone([self = shared_from_this()] { self->gone(); });
    return true;
  }

  void gone() {
    is_over_ = true;
    if (is_open_) owner_.count_.give_back();
    if (call_ != nullptr) call_->cancel();
  }

  // All messages were told and written before, as the end comes only when one more is asked for.
  void ended(const core::UnaryAnswer& answer) {
    call_ = nullptr;
    if (is_over_) return;
    if (!is_open_) return client_->respond(error_response(answer));
    if (answer.code != 0) return client_->close();
    client_->write(kDone);
    client_->when_written([client = client_] { client->close(); });
  }

  FutureWatch& owner_;
  const std::shared_ptr<Client> client_;
  const bool is_head_;
  std::shared_ptr<core::StreamCall> call_;
  bool is_open_ = false;
  // The client has gone, or has its answer.
  bool is_over_ = false;
};

FutureWatch::FutureWatch(const Caller& caller, StreamCount& count, asio::any_io_executor thread,
                         asio::any_io_executor work)
    : caller_(caller), count_(count), thread_(std::move(thread)), work_(std::move(work)) {}

void FutureWatch::handle(Request request, std::shared_ptr<Client> client) {
  if (!is_plain(id_in(request.path))) {
    return client->respond(error_response(400, request.path + ": the ID of a future is a UUID"));
  }
  const bool is_head = request.method == "HEAD";
  std::make_shared<Stream>(*this, std::move(client), is_head)->start(request);
}

}  // namespace futured::http
