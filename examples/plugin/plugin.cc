#include <futured/plugin.h>

#include "examples/plugin/functions.h"
#include "examples/tasks.h"

FUTURED_PLUGIN(registry) {
  registry.add(examples::fetch, examples::get);
  registry.add(examples::fetch_blocking, examples::get_blocking);
  registry.add(examples::read_file, examples::contents_of_file);
  registry.add(examples::count_file, examples::size_of_file);
  registry.add(examples::count_words, examples::size_of_text);
  registry.add(examples::is_prime, examples::has_no_divisor);
  registry.add(examples::judge_prime, examples::judge);
  registry.add(examples::sum_of_squares, examples::add_squares);
  registry.add(examples::sleep, examples::wait_for);
  registry.add(examples::crash, examples::crash_worker);
}
