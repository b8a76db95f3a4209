#include "server/grpc_log.h"

#include <grpc/support/log.h>

#include <string_view>

#include "server/core/mutex.h"

namespace futured::server {
namespace {

// gRPC calls a plain function, so that there is one for the process.
core::Mutex mu;
Logger* current FUTURED_GUARDED_BY(mu) = nullptr;

LogLevel level_of(gpr_log_severity severity) {
  switch (severity) {
    case GPR_LOG_SEVERITY_DEBUG:
    case GPR_LOG_SEVERITY_INFO:
      return LogLevel::kDebug;
    case GPR_LOG_SEVERITY_ERROR:
      break;
  }
  // Of gRPC's own making or a client's; the daemon goes on.
  return LogLevel::kWarning;
}

void write(gpr_log_func_args* args) {
  const std::string_view file(args->file);
  core::MutexLock lock(mu);
  if (current == nullptr) return;
  const LogField fields[] = {{"what", args->message}, {"file", file.substr(file.rfind('/') + 1)}, {"line", args->line}};
  current->log(level_of(args->severity), "gRPC", fields);
}

void set_current(Logger* logger) {
  core::MutexLock lock(mu);
  current = logger;
}

}  // namespace

GrpcLog::GrpcLog(Logger& logger) {
  set_current(&logger);
  gpr_set_log_function(write);
}

GrpcLog::~GrpcLog() { set_current(nullptr); }

}  // namespace futured::server
