#include "server/serving.h"

#include <grpcpp/health_check_service_interface.h>

#include <string>

namespace futured::server {

void Serving::begin(grpc::Server& grpc) {
  core::MutexLock lock(mu_);
  grpc_ = &grpc;
  tell();
}

void Serving::drain(core::Draining how) {
  core::MutexLock lock(mu_);
  table_.drain_all(how);
  logger_.info("takes no more tasks", {{"until", how == core::Draining::kForGood ? "the end" : "it is resumed"}});
  tell();
}

bool Serving::resume() {
  core::MutexLock lock(mu_);
  if (!table_.resume_all()) return false;
  logger_.info("takes tasks");
  tell();
  return true;
}

void Serving::fail() {
  core::MutexLock lock(mu_);
  failed_ = true;
  tell();
}

void Serving::tell() {
  if (grpc_ == nullptr) return;
  now_ = !failed_ && table_.stats().draining == core::Draining::kNo;
  auto* const health = grpc_->GetHealthCheckService();
  // Of the daemon as a whole and of each service.
  health->SetServingStatus(now_);
  for (const char* service : {"DaemonService", "ExecutorService", "FutureService", "StoreService"}) {
    health->SetServingStatus(std::string("futured.v1.") + service, now_);
  }
}

}  // namespace futured::server
