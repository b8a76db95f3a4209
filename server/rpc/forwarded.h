// What tells the calls of the daemon to itself from those of others: metadata with a secret of the process.
#pragma once

#include <string>
#include <string_view>

namespace futured::rpc {

// Its value is "NONCE PEER": the secret, and whom the daemon speaks for, for the record only.
inline constexpr std::string_view kForwardedKey = "futured-forwarded";

}  // namespace futured::rpc
