// Table: text in aligned columns.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace futured::cli {

class Table {
 public:
  using Row = std::vector<std::string>;

  explicit Table(Row titles) : rows_{std::move(titles)} {}
  // REQUIRES: as many cells as there are titles. They are made harmless for a terminal.
  void add(Row row);
  // The titles and the rows, each as a line.
  std::string text() const;

 private:
  std::vector<Row> rows_;
};

}  // namespace futured::cli
