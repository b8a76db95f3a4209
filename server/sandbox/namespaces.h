// Namespaces: a user, mount, PID, IPC and network world of its own.
#pragma once

#include <string>
#include <vector>

namespace futured::sandbox {

// Returns in a new process, with every capability inside its namespaces. The calling process stays outside as its
// stand-in: it hands on signals, ends as that one ends, and takes all of them with it when it is killed.
//
//   stand-in ── PID 1 of the new namespace: reaps, hands on signals ── the process that returns, leader of a group
//
// Inside, all mounts are read-only but /tmp, empty and in memory, and `writable`, a directory or empty, which stays
// what it is, even below /tmp, as do `files`; /proc shows the namespace. Throws std::system_error that names the layer.
// REQUIRES: one thread.
void enter_namespaces(const std::string& writable, const std::vector<std::string>& files);

}  // namespace futured::sandbox
