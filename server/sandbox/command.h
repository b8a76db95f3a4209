// Command: the command line of futured-sandbox, which server/exec/process/sandbox.h writes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "server/exec/process/sandbox.h"

namespace futured::sandbox {

struct Command {
  exec::Sandbox sandbox;
  // Whose child it is; 0: not told.
  pid_t parent = 0;
  std::string writable;
  // To be seen even below /tmp.
  std::vector<std::string> files;
  // The program and its arguments, ended by a null pointer. Part of the command line.
  char** program = nullptr;
};

// Throws std::invalid_argument.
Command parse(int argc, char** argv);

}  // namespace futured::sandbox
