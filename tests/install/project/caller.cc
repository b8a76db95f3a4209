#include <futured/futured.h>

#include <iostream>

#include "greeting.h"

// Usage: greet ADDRESS NAME
int main(int, char** arguments) {
  futured::Executor executor{arguments[1]};
  std::cout << executor.submit(greet, std::string(arguments[2])).result() << '\n';
}
