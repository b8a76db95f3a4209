// The schema of the database: SCHEMA.md describes it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "server/store/sqlite.h"

namespace futured::store {

// Step number i, from 0, leads from schema version i to i + 1. Steps that were released never change.
std::span<const char* const> schema_steps();

// Sets what the file itself remembers: of an empty database only.
SqliteResult<void> prepare_empty(Connection& connection);

// Leads the database through the steps that it lacks, each in a transaction together with the version that it leads to.
// REQUIRES: the version of the database is not above steps.size().
SqliteResult<void> migrate(Connection& connection, std::span<const char* const> steps);

SqliteResult<std::int64_t> schema_version(Connection& connection);

}  // namespace futured::store
