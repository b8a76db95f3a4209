#include "logs.h"

#include <google/protobuf/util/time_util.h>

#include "call_error.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "retry.h"

namespace futured::detail {
namespace {

LogKind to_kind(v1::LogKind kind) {
  switch (kind) {
    case v1::LOG_KIND_DEBUG:
      return LogKind::kDebug;
    case v1::LOG_KIND_WARNING:
      return LogKind::kWarning;
    case v1::LOG_KIND_ERROR:
      return LogKind::kError;
    case v1::LOG_KIND_STDOUT:
      return LogKind::kStdout;
    case v1::LOG_KIND_STDERR:
      return LogKind::kStderr;
    default:
      return LogKind::kInfo;
  }
}

LogLine to_line(v1::LogLine& line) {
  using std::chrono::system_clock;
  const std::chrono::nanoseconds time(google::protobuf::util::TimeUtil::TimestampToNanoseconds(line.time()));
  return {line.number(), line.attempt(),
          system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(time)), to_kind(line.kind()),
          std::move(*line.mutable_text())};
}

// All lines, once.
grpc::Status read_once(const Connector& connector, const std::string& id, std::chrono::milliseconds timeout,
                       std::vector<LogLine>& lines) {
  const LoadedCredentials credentials = credentials_for_call(connector);
  v1::FutureService::Stub stub(connector.open(credentials));
  v1::WatchRequest request;
  request.add_ids(id);
  request.set_logs(true);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  authorize(context, credentials);
  const auto reader = stub.Watch(&context, request);
  lines.clear();
  v1::WatchResponse response;
  while (reader->Read(&response)) {
    for (v1::FutureNews& news : *response.mutable_news()) {
      for (v1::LogLine& line : *news.mutable_lines()) lines.push_back(to_line(line));
    }
  }
  return reader->Finish();
}

}  // namespace

std::vector<LogLine> read_logs(const Connector& connector, const std::string& id, const LogTimeouts& timeouts) {
  std::vector<LogLine> lines;
  const grpc::Status status =
      Retry(timeouts.reconnect).run([&] { return read_once(connector, id, timeouts.call, lines); });
  if (!status.ok()) fail_call(status, connector.address(), Missing::kFuture);
  return lines;
}

}  // namespace futured::detail
