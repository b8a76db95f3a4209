#include "tests/access/matrix.h"

#include "futured/v1/daemon_service.pb.h"
#include "futured/v1/executor_service.pb.h"
#include "futured/v1/future_service.pb.h"
#include "futured/v1/store_service.pb.h"

namespace futured::testing {
namespace {

constexpr const char* kExecutor = "thread";

template <class Request>
std::string with_ids(const std::string& id) {
  Request request;
  request.add_ids(id);
  return request.SerializeAsString();
}

template <class Request>
std::string with_name(const std::string&) {
  Request request;
  request.set_name(kExecutor);
  return request.SerializeAsString();
}

template <class Request>
std::string empty(const std::string&) {
  return Request().SerializeAsString();
}

std::string submit(const std::string&) {
  v1::SubmitRequest request;
  request.add_tasks()->set_function("gate.none");
  return request.SerializeAsString();
}

std::string result(const std::string& id) {
  v1::ResultRequest request;
  request.set_id(id);
  request.mutable_timeout();
  return request.SerializeAsString();
}

std::string retry(const std::string& id) {
  v1::RetryRequest request;
  request.set_id(id);
  return request.SerializeAsString();
}

std::string wait(const std::string& id) {
  v1::WaitRequest request;
  request.add_ids(id);
  request.set_return_when(v1::RETURN_WHEN_ALL_COMPLETED);
  request.mutable_timeout();
  return request.SerializeAsString();
}

std::string cancel(const std::string& id) {
  v1::CancelRequest request;
  request.add_ids(id);
  request.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  return request.SerializeAsString();
}

// A session of its own, each time.
std::string session(const std::string&) {
  static int number = 0;
  char id[64];
  std::snprintf(id, sizeof(id), "01234567-89ab-8cde-8f01-%012d", 0);
  std::snprintf(id, 9, "%08x", ++number);
  id[8] = '-';
  v1::SessionRequest request;
  request.mutable_hello()->set_session(id);
  return request.SerializeAsString();
}

std::string end_workers(const std::string&) {
  v1::EndWorkersRequest request;
  request.set_name("cpu");
  request.set_mode(v1::END_WORKERS_MODE_TERMINATE);
  return request.SerializeAsString();
}

}  // namespace

const std::vector<MatrixRow>& matrix() {
  static const std::vector<MatrixRow> rows = {
      {"/futured.v1.FutureService/Submit", {"submit"}, Abroad::kShared, submit},
      {"/futured.v1.FutureService/Session", {"submit", "read"}, Abroad::kShared, session},
      {"/futured.v1.FutureService/Result", {"read"}, Abroad::kNotFound, result},
      {"/futured.v1.FutureService/Wait", {"read"}, Abroad::kNotFound, wait},
      {"/futured.v1.FutureService/AsCompleted", {"read"}, Abroad::kNotFound, with_ids<v1::AsCompletedRequest>},
      {"/futured.v1.FutureService/Watch", {"read"}, Abroad::kNotFound, with_ids<v1::WatchRequest>},
      {"/futured.v1.FutureService/Get", {"read"}, Abroad::kAnsweredWithout, with_ids<v1::GetRequest>},
      {"/futured.v1.FutureService/List", {"read"}, Abroad::kAnsweredWithout, empty<v1::ListRequest>},
      {"/futured.v1.FutureService/Cancel", {"cancel"}, Abroad::kAnsweredWithout, cancel},
      {"/futured.v1.FutureService/Retry", {"submit"}, Abroad::kNotFound, retry},
      {"/futured.v1.FutureService/Forget", {"cancel"}, Abroad::kAnsweredWithout, with_ids<v1::ForgetRequest>},
      {"/futured.v1.ExecutorService/List", {"read"}, Abroad::kShared, empty<v1::ExecutorServiceListRequest>},
      {"/futured.v1.ExecutorService/Get", {"read"}, Abroad::kShared, with_name<v1::ExecutorServiceGetRequest>},
      {"/futured.v1.ExecutorService/Pause", {"admin"}, Abroad::kShared, with_name<v1::PauseRequest>},
      {"/futured.v1.ExecutorService/Resume", {"admin"}, Abroad::kShared, with_name<v1::ResumeRequest>},
      {"/futured.v1.ExecutorService/EndWorkers", {"admin"}, Abroad::kShared, end_workers},
      {"/futured.v1.StoreService/Backup", {"admin"}, Abroad::kShared, empty<v1::BackupRequest>},
      {"/futured.v1.DaemonService/Get", {"read"}, Abroad::kShared, empty<v1::DaemonServiceGetRequest>},
      {"/futured.v1.DaemonService/Drain", {"admin"}, Abroad::kShared, empty<v1::DaemonServiceDrainRequest>},
      {"/futured.v1.DaemonService/Resume", {"admin"}, Abroad::kShared, empty<v1::DaemonServiceResumeRequest>},
      // The last one: nothing is submitted afterwards.
      {"/futured.v1.ExecutorService/Drain", {"admin"}, Abroad::kShared, with_name<v1::DrainRequest>},
  };
  return rows;
}

}  // namespace futured::testing
