# Flags for our own code. Every target of ours links futured_flags privately; none of it reaches those who link us.
add_library(futured_flags INTERFACE)
target_compile_options(futured_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Werror -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(futured_flags INTERFACE -Wthread-safety)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 warns of "text" + std::string(…), wrongly (its bug 105329).
  target_compile_options(futured_flags INTERFACE -Wno-restrict)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(futured_flags INTERFACE -fstack-protector-strong -D_GLIBCXX_ASSERTIONS)
endif()

# Generated code is compiled without our warnings, but with the same sanitizers, as they change the layout of code.
if(FUTURED_SANITIZE)
  add_compile_options(-fsanitize=${FUTURED_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FUTURED_SANITIZE})
  # clang 14 cannot assemble coroutines with it.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-fno-sanitize=function)
  endif()
endif()

find_program(FUTURED_CCACHE ccache)
if(FUTURED_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${PROJECT_SOURCE_DIR}/cmake/ccache-compile ${PROJECT_SOURCE_DIR} ${FUTURED_CCACHE})
endif()
