// The authorization matrix: a row for each method of each service of futured.v1.
#pragma once

#include <string>
#include <vector>

namespace futured::testing {

// What somebody of another namespace is told who names a future that is there.
enum class Abroad {
  // NOT_FOUND, as of a future that never was.
  kNotFound,
  // An ordinary answer, and the future is not in it or is said not to be there.
  kAnsweredWithout,
  // Nothing: the method is about what all namespaces share.
  kShared,
};

struct MatrixRow {
  // "/futured.v1.FutureService/Get"
  std::string method;
  // Any of these verbs is enough.
  std::vector<std::string> verbs;
  Abroad abroad;
  // Serialized; about a future by this ID, of the default executor.
  std::string (*request)(const std::string& id);
};

const std::vector<MatrixRow>& matrix();

}  // namespace futured::testing
