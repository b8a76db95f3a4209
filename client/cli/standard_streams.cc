#include "client/cli/standard_streams.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "client/cli/failure.h"

namespace futured::cli {

void prepare_standard_streams() {
  signal(SIGPIPE, SIG_IGN);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // Open the wrong way round, so that using it still fails. It gets the lowest number that is free, which is this
    // one.
    if (fcntl(stream, F_GETFD) < 0) open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  // Only then do errors of standard input show.
  std::ios::sync_with_stdio(false);
}

void flush_output() {
  if (!std::cout.flush()) throw Failure(ExitCode::kRefused, "cannot write to standard output");
}

}  // namespace futured::cli
