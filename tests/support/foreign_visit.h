// Another program that opens a database, looks what is in it, and closes it: SQLite takes in what is in the log then,
// and removes the log.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

namespace futured::testing {

inline void visit_database(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "SELECT count(*) FROM future", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_close(database), SQLITE_OK);
}

}  // namespace futured::testing
