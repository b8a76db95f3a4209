#include "server/rpc/own_channel.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/generic/generic_stub.h>
#include <sys/socket.h>

#include <atomic>
#include <charconv>
#include <utility>
#include <vector>

namespace futured::rpc {
namespace {

using namespace std::chrono_literals;

// Well below the time after which the server closes an idle connection.
constexpr auto kIdle = 1min;
constexpr auto kSuspectFor = 1s;
// Of what a refusal tells in its trailers.
constexpr int kMaxTrailers = 64 << 10;

grpc::ByteBuffer to_buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string to_bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

std::chrono::milliseconds retry_delay_of(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("retry-after-ms");
  std::int64_t milliseconds = 0;
  if (found == trailers.end()) return {};
  std::from_chars(found->second.begin(), found->second.end(), milliseconds);
  return std::chrono::milliseconds(milliseconds);
}

core::UnaryAnswer unavailable() {
  return {grpc::StatusCode::UNAVAILABLE, "the daemon cannot call itself: it is ending, or out of descriptors", "", "",
          std::chrono::milliseconds(1000)};
}

}  // namespace

// What all have: a context, and who is told of the end.
class OwnChannel::Call : public std::enable_shared_from_this<Call> {
 public:
  Call(OwnChannel& owner, UnaryCaller::Done done) : owner_(owner), done_(std::move(done)) {}
  virtual ~Call() = default;
  virtual void stop() = 0;
  void refuse() { std::exchange(done_, nullptr)(unavailable()); }

 protected:
  void prepare(const core::UnaryRequest& request) {
    for (const auto& [key, value] : request.metadata) context_.AddMetadata(key, value);
    context_.set_deadline(std::chrono::system_clock::now() + request.timeout);
    request_ = to_buffer(request.bytes);
  }
  void ended(const grpc::Status& status, std::string bytes) {
    core::UnaryAnswer answer;
    answer.code = status.error_code();
    answer.message = status.error_message();
    answer.details = status.error_details();
    answer.retry_delay = retry_delay_of(context_);
    answer.bytes = std::move(bytes);
    std::exchange(done_, nullptr)(std::move(answer));
    owner_.ended(this, status.error_code() == grpc::StatusCode::UNAVAILABLE);
  }

  OwnChannel& owner_;
  // Until it was told.
  UnaryCaller::Done done_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class OwnChannel::Unary final : public core::UnaryCall, public Call {
 public:
  using Call::Call;

  void begin(const std::shared_ptr<grpc::Channel>& channel, const core::UnaryRequest& request) {
    prepare(request);
    grpc::GenericStub(channel).UnaryCall(&context_, request.method, {}, &request_, &response_,
                                         [this, self = shared_from_this()](const grpc::Status& status) {
                                           ended(status, status.ok() ? to_bytes(response_) : std::string());
                                         });
  }
  void cancel() override { context_.TryCancel(); }
  void stop() override { cancel(); }
};

// Holds itself until gRPC is done with it. A hold keeps gRPC from being so while no message is asked for: the last one
// that is asked for fails, and gives it back.
class OwnChannel::Stream final : public core::StreamCall,
                                 public Call,
                                 private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  using Call::Call;

  void begin(const std::shared_ptr<grpc::Channel>& channel, const core::UnaryRequest& request, Message message) {
    prepare(request);
    message_ = std::move(message);
    self_ = shared_from_this();
    grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, request.method, {}, this);
    AddHold();
    StartWriteLast(&request_, {});
    StartRead(&response_);
    StartCall();
  }
  void next() override {
    if (!reading_.exchange(true)) StartRead(&response_);
  }
  void cancel() override {
    context_.TryCancel();
    cancelled_ = true;
    next();
  }
  void stop() override { cancel(); }

 private:
  void OnReadDone(bool ok) override {
    // It stays as if it read, so that nobody asks for more.
    if (!ok) return RemoveHold();
    std::string bytes = to_bytes(response_);
    reading_ = false;
    message_(std::move(bytes));
    // A cancel in between found nothing to end it by.
    if (cancelled_) next();
  }
  void OnDone(const grpc::Status& status) override {
    const auto self = std::move(self_);
    // Whoever listens may hold this.
    message_ = nullptr;
    ended(status, "");
  }

  Message message_;
  // From the beginning, as cancel() may come before it.
  std::atomic<bool> reading_{true};
  std::atomic<bool> cancelled_{false};
  std::shared_ptr<Call> self_;
};

std::shared_ptr<core::UnaryCall> OwnChannel::start(core::UnaryRequest request, UnaryCaller::Done done) {
  auto call = std::make_shared<Unary>(*this, std::move(done));
  const auto channel = channel_for(call.get());
  channel == nullptr ? call->refuse() : call->begin(channel, request);
  return call;
}

std::shared_ptr<core::StreamCall> OwnChannel::start_stream(core::UnaryRequest request, Message message,
                                                           UnaryCaller::Done done) {
  auto call = std::make_shared<Stream>(*this, std::move(done));
  const auto channel = channel_for(call.get());
  channel == nullptr ? call->refuse() : call->begin(channel, request, std::move(message));
  return call;
}

std::shared_ptr<grpc::Channel> OwnChannel::channel_for(Call* call) {
  core::MutexLock lock(mu_);
  auto channel = stopped_ ? nullptr : channel_locked();
  if (channel != nullptr) calls_.insert(call);
  return channel;
}

void OwnChannel::stop() {
  std::vector<std::shared_ptr<Call>> calls;
  {
    core::MutexLock lock(mu_);
    stopped_ = true;
    for (Call* call : calls_) calls.push_back(call->weak_from_this().lock());
  }
  // Without the lock, as gRPC may tell the end of a call on the thread that cancels it.
  for (const auto& call : calls) {
    if (call != nullptr) call->stop();
  }
  calls.clear();
  core::MutexLock lock(mu_);
  while (!calls_.empty()) changed_.wait(mu_);
  channel_ = nullptr;
}

std::shared_ptr<grpc::Channel> OwnChannel::channel_locked() {
  const auto now = Steady::now();
  const bool idle = calls_.empty() && now - used_ > kIdle;
  const bool suspect = suspect_ && now - connected_ > kSuspectFor;
  if (channel_ == nullptr || idle || suspect) {
    channel_ = connect();
    connected_ = now;
    suspect_ = false;
  }
  used_ = now;
  return channel_;
}

std::shared_ptr<grpc::Channel> OwnChannel::connect() const {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return nullptr;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(max_message_size_));
  arguments.SetMaxSendMessageSize(static_cast<int>(max_message_size_));
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxTrailers);
  auto channel = grpc::CreateCustomInsecureChannelFromFd("futured", ends[0], arguments);
  handover_(-1, ends[1]);
  return channel;
}

void OwnChannel::ended(Call* call, bool unavailable) {
  core::MutexLock lock(mu_);
  calls_.erase(call);
  used_ = Steady::now();
  suspect_ = suspect_ || unavailable;
  // Under the lock, so that stop() returns only when this is done with the object.
  changed_.notify_all();
}

}  // namespace futured::rpc
