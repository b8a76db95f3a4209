// Verdict: what its figures say to people, and whether they are enough.
#include <sstream>

#include "tests/crash/tasks.h"
#include "tests/crash/verdict.h"

namespace futured::crash {
namespace {

// Of what all clients together must have been acknowledged, one alone must have this part.
constexpr std::uint64_t kPartOfEach = 10;
// And of the tasks with some option.
constexpr std::uint64_t kPartOfOptions = 100;

}  // namespace

std::vector<std::string> missing(const Verdict& verdict, std::uint64_t least) {
  std::vector<std::string> names;
  const auto need = [&names](const std::string& name, std::uint64_t count, std::uint64_t enough) {
    if (count < enough) names.push_back(name + ": " + std::to_string(count) + " of " + std::to_string(enough));
  };
  need("acknowledged", verdict.accepted, least);
  for (const std::uint32_t session : {kUnary, kThreadSession, kProcessSession}) {
    const auto found = verdict.accepted_of.find(session);
    need("acknowledged in session " + std::to_string(session), found == verdict.accepted_of.end() ? 0 : found->second,
         least / kPartOfEach);
  }
  need("told again", verdict.told_again, least / kPartOfEach);
  need("cancelled", verdict.cancelled, 1);
  need("expired", verdict.expired, 1);
  need("restarted", verdict.restarted, 1);
  need("repeated", verdict.repeated, 1);
  need("retried", verdict.retried, least / kPartOfOptions);
  need("begun at most once", verdict.at_most_once, least / kPartOfOptions);
  need("held by the record of the start", verdict.held, 1);
  return names;
}

std::string describe(const Verdict& verdict) {
  std::ostringstream text;
  text << verdict.lives << " lives, " << verdict.accepted << " acknowledged (";
  const char* between = "";
  for (const auto& [session, accepted] : verdict.accepted_of) {
    text << between << "session " << session << ": " << accepted;
    between = ", ";
  }
  text << ")\n"
       << verdict.finished << " outcomes, " << verdict.told_again << " told again; " << verdict.cancelled
       << " cancelled, " << verdict.expired << " expired\n"
       << verdict.restarted << " DaemonRestarted: " << verdict.restarted_on_threads << " on threads, " << verdict.held
       << " held by the record of the start; not begun: " << verdict.unexplained_on_threads << " on threads, "
       << verdict.unexplained_elsewhere << " elsewhere, " << verdict.reserved << " at most once\n"
       << verdict.executions << " executions: " << verdict.repeated << " again after a crash, " << verdict.retried
       << " of further attempts, " << verdict.at_most_once << " at most once\n"
       << verdict.unknown << " lost, " << verdict.unfinished << " unfinished, " << verdict.untold << " not told again, "
       << verdict.two_outcomes << " with two outcomes, " << verdict.wrong_outcomes << " with a wrong one, "
       << verdict.too_many_restarted << " times too many restarted, " << verdict.wrong_executions
       << " wrong executions\n";
  for (const std::string& violation : verdict.violations) text << "  " << violation << "\n";
  return text.str();
}

}  // namespace futured::crash
