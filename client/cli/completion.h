// What may follow on a command line: for the completion of shells, which run `futuredctl complete -- WORD…`.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "client/cli/globals.h"

namespace futured::cli {

struct Candidate {
  std::string word;
  // A line for people; may be empty.
  std::string help;
};

struct Completion {
  // What the daemon or the shell knows, and this program does not.
  enum class More { kNothing, kFiles, kFunctions, kExecutors };

  std::vector<Candidate> candidates = {};
  More more = More::kNothing;
  // What stands before each candidate in the same word: "--output=".
  std::string prefix = {};
};

// `words` follow the program's name; the last is the one to complete, and may be empty. Candidates may not begin like
// it: shells select.
Completion complete(const CLI::App& app, std::span<const std::string> words);

// Prints a candidate a line, with a tab before its help; ":files" stands for names of files. The daemon that `globals`
// name is asked for names of functions and executors; one that does not answer within a second has none.
void print_completion(const Completion& completion, const Globals& globals);

}  // namespace futured::cli
