// Standard input, output and error, safe to use.
#pragma once

namespace futured::cli {

// To be called before anything else. Keeps connections from taking the place of a stream that is closed, and lets
// writing to a pipe that nobody reads fail instead of ending the program.
void prepare_standard_streams();

// Hands on what was printed. Throws Failure when it cannot be written.
void flush_output();

}  // namespace futured::cli
