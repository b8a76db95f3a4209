#include "watch.h"

#include "future_state.h"

namespace futured::detail {

void link(Link& link, FutureState& future) {
  link.future = &future;
  link.next = future.watchers;
  link.back = &future.watchers;
  if (link.next != nullptr) link.next->back = &link.next;
  future.watchers = &link;
}

void unlink(Link& link) {
  if (link.future == nullptr) return;
  *link.back = link.next;
  if (link.next != nullptr) link.next->back = link.back;
  link.future = nullptr;
}

void complete_watchers(FutureState& future, std::vector<std::shared_ptr<Signal>>& signals) {
  Link* node = future.watchers;
  future.watchers = nullptr;
  while (node != nullptr) {
    Link& current = *node;
    node = current.next;
    current.future = nullptr;
    Watch& watch = *current.watch;
    watch.completed.push_back(current.index);
    if (!watch.signalled) {
      watch.signalled = true;
      signals.push_back(watch.signal);
    }
  }
}

}  // namespace futured::detail
