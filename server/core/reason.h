// Reason: why a call, or a part of one, was refused. The reason decides the canonical code, so the two cannot disagree.
//
// Clients are told the name, as `reason` of google.rpc.ErrorInfo; proto/futured/v1/errors.proto says of each when it
// comes and whether trying again helps. A new one is added here and there; tests compare the two lists.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace futured::core {

// The canonical codes that the daemon uses; the numbers are gRPC's.
enum class Code {
  kInvalidArgument = 3,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

enum class Reason : std::uint8_t {
  // Bad input.
  kRequestMalformed,
  kFieldInvalid,
  kTimeoutTooLong,
  kArgumentsTooLarge,
  kTooManyItems,
  kAnswerTooLarge,
  // Who calls, and what he may do.
  kCredentialsMissing,
  kCredentialsInvalid,
  kCredentialsExpired,
  kPermissionDenied,
  kSessionForeign,
  kPageTokenWrong,
  // What the call is about.
  kFutureUnknown,
  kFutureExpired,
  kFutureIdTaken,
  kFutureNotFailed,
  kArgumentsGone,
  kExecutorUnknown,
  kExecutorNotConfigured,
  kExecutorHasNoProcesses,
  kExecutorDraining,
  kSessionTakenOver,
  // Limits of the daemon.
  kTooManyPending,
  kTooManyPendingBytes,
  kTooManyWaiters,
  kTooManyWatchers,
  // Limits of one identity.
  kTooManyPendingOfIdentity,
  kTooManyPendingBytesOfIdentity,
  kTooManyWaitersOfIdentity,
  kTooManyStreamsOfIdentity,
  kTooManySubmits,
  // The store, and copies of it.
  kDiskFull,
  kStoreFailed,
  kStoreInMemory,
  kBackupUnderWay,
  kCopyExists,
  kCopyFailed,
  kCopyTookTooLong,
  // Ends of calls.
  kDaemonDraining,
  kDaemonStopping,
  kCallerGone,
  // What keeps a daemon from starting, or a process of one; told in its log.
  kSettingInvalid,
  kSandboxUnavailable,
  kLaunchFailed,
  kDataMissing,
  kDataRefused,
};

struct ReasonRow {
  Reason reason;
  std::string_view name;
  Code code;
};

// Every reason, in the order of the enumeration.
inline constexpr std::array kReasons = {
    ReasonRow{Reason::kRequestMalformed, "REQUEST_MALFORMED", Code::kInvalidArgument},
    ReasonRow{Reason::kFieldInvalid, "FIELD_INVALID", Code::kInvalidArgument},
    ReasonRow{Reason::kTimeoutTooLong, "TIMEOUT_TOO_LONG", Code::kInvalidArgument},
    ReasonRow{Reason::kArgumentsTooLarge, "ARGUMENTS_TOO_LARGE", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyItems, "TOO_MANY_ITEMS", Code::kResourceExhausted},
    ReasonRow{Reason::kAnswerTooLarge, "ANSWER_TOO_LARGE", Code::kResourceExhausted},
    ReasonRow{Reason::kCredentialsMissing, "CREDENTIALS_MISSING", Code::kUnauthenticated},
    ReasonRow{Reason::kCredentialsInvalid, "CREDENTIALS_INVALID", Code::kUnauthenticated},
    ReasonRow{Reason::kCredentialsExpired, "CREDENTIALS_EXPIRED", Code::kUnauthenticated},
    ReasonRow{Reason::kPermissionDenied, "PERMISSION_DENIED", Code::kPermissionDenied},
    ReasonRow{Reason::kSessionForeign, "SESSION_FOREIGN", Code::kPermissionDenied},
    ReasonRow{Reason::kPageTokenWrong, "PAGE_TOKEN_WRONG", Code::kPermissionDenied},
    ReasonRow{Reason::kFutureUnknown, "FUTURE_UNKNOWN", Code::kNotFound},
    ReasonRow{Reason::kFutureExpired, "FUTURE_EXPIRED", Code::kNotFound},
    ReasonRow{Reason::kFutureIdTaken, "FUTURE_ID_TAKEN", Code::kAlreadyExists},
    ReasonRow{Reason::kFutureNotFailed, "FUTURE_NOT_FAILED", Code::kFailedPrecondition},
    ReasonRow{Reason::kArgumentsGone, "ARGUMENTS_GONE", Code::kFailedPrecondition},
    ReasonRow{Reason::kExecutorUnknown, "EXECUTOR_UNKNOWN", Code::kNotFound},
    ReasonRow{Reason::kExecutorNotConfigured, "EXECUTOR_NOT_CONFIGURED", Code::kFailedPrecondition},
    ReasonRow{Reason::kExecutorHasNoProcesses, "EXECUTOR_HAS_NO_PROCESSES", Code::kFailedPrecondition},
    ReasonRow{Reason::kExecutorDraining, "EXECUTOR_DRAINING", Code::kUnavailable},
    ReasonRow{Reason::kSessionTakenOver, "SESSION_TAKEN_OVER", Code::kAborted},
    ReasonRow{Reason::kTooManyPending, "TOO_MANY_PENDING", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyPendingBytes, "TOO_MANY_PENDING_BYTES", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyWaiters, "TOO_MANY_WAITERS", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyWatchers, "TOO_MANY_WATCHERS", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyPendingOfIdentity, "TOO_MANY_PENDING_OF_IDENTITY", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyPendingBytesOfIdentity, "TOO_MANY_PENDING_BYTES_OF_IDENTITY", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyWaitersOfIdentity, "TOO_MANY_WAITERS_OF_IDENTITY", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManyStreamsOfIdentity, "TOO_MANY_STREAMS_OF_IDENTITY", Code::kResourceExhausted},
    ReasonRow{Reason::kTooManySubmits, "TOO_MANY_SUBMITS", Code::kResourceExhausted},
    ReasonRow{Reason::kDiskFull, "DISK_FULL", Code::kResourceExhausted},
    ReasonRow{Reason::kStoreFailed, "STORE_FAILED", Code::kUnavailable},
    ReasonRow{Reason::kStoreInMemory, "STORE_IN_MEMORY", Code::kFailedPrecondition},
    ReasonRow{Reason::kBackupUnderWay, "BACKUP_UNDER_WAY", Code::kResourceExhausted},
    ReasonRow{Reason::kCopyExists, "COPY_EXISTS", Code::kAlreadyExists},
    ReasonRow{Reason::kCopyFailed, "COPY_FAILED", Code::kUnavailable},
    ReasonRow{Reason::kCopyTookTooLong, "COPY_TOOK_TOO_LONG", Code::kAborted},
    ReasonRow{Reason::kDaemonDraining, "DAEMON_DRAINING", Code::kUnavailable},
    ReasonRow{Reason::kDaemonStopping, "DAEMON_STOPPING", Code::kUnavailable},
    ReasonRow{Reason::kCallerGone, "CALLER_GONE", Code::kAborted},
    ReasonRow{Reason::kSettingInvalid, "SETTING_INVALID", Code::kInvalidArgument},
    ReasonRow{Reason::kSandboxUnavailable, "SANDBOX_UNAVAILABLE", Code::kFailedPrecondition},
    ReasonRow{Reason::kLaunchFailed, "LAUNCH_FAILED", Code::kUnavailable},
    ReasonRow{Reason::kDataMissing, "DATA_MISSING", Code::kNotFound},
    ReasonRow{Reason::kDataRefused, "DATA_REFUSED", Code::kFailedPrecondition},
};

namespace internal {
constexpr bool in_order() {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (static_cast<std::size_t>(kReasons[i].reason) != i) return false;
  }
  return true;
}
}  // namespace internal
static_assert(internal::in_order() && kReasons.size() == static_cast<std::size_t>(Reason::kDataRefused) + 1,
              "each reason has its row, in the order of the enumeration");

// The name on the wire.
constexpr std::string_view to_string(Reason reason) { return kReasons[static_cast<std::size_t>(reason)].name; }
constexpr Code code_of(Reason reason) { return kReasons[static_cast<std::size_t>(reason)].code; }

}  // namespace futured::core
