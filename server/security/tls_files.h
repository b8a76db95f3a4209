// The files of TLS: the certificate and key that we show, and the authorities whose clients we let in.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace futured::security {

struct TlsFiles {
  // The certificate, followed by those that lead to its authority; PEM.
  std::string certificate;
  std::string key;
  // Of clients. Empty: none are asked for.
  std::string client_ca;
};

// Paths in, contents out. Checks that each is what it should be, that the certificate has not expired, that the key is
// its key, and that nobody but its owner may read the key. The failure names the file. Blocks on the disk.
tl::expected<TlsFiles, std::string> read_tls_files(const TlsFiles& paths);

}  // namespace futured::security
