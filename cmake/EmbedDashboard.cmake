# cmake -DDIST=folder -DOUTPUT=file.cc -P EmbedDashboard.cmake: writes the files of the dashboard as the C++ of
# server/http/dashboard_files.h; an empty list where the folder has no index.html.
cmake_minimum_required(VERSION 3.25)

set(TYPE_.html "text/html; charset=utf-8")
set(TYPE_.js "text/javascript; charset=utf-8")
set(TYPE_.css "text/css; charset=utf-8")
set(TYPE_.svg "image/svg+xml")
set(TYPE_.png "image/png")
set(TYPE_.woff2 "font/woff2")
set(TYPE_.txt "text/plain; charset=utf-8")

string(REPEAT "." 112 line)
set(arrays "")
set(rows "")
set(count 0)
if(EXISTS ${DIST}/index.html)
  file(GLOB_RECURSE names LIST_DIRECTORIES FALSE RELATIVE ${DIST} ${DIST}/*)
  list(SORT names)
  foreach(name IN LISTS names)
    cmake_path(GET name EXTENSION LAST_ONLY extension)
    if(NOT DEFINED TYPE_${extension})
      message(FATAL_ERROR "${DIST}/${name}: files of the dashboard end in .html, .js, .css, .svg, .png, .woff2 or .txt")
    endif()
    set(path "/${name}")
    if(name STREQUAL "index.html")
      set(path "/")
    endif()
    file(READ ${DIST}/${name} hex HEX)
    file(SHA256 ${DIST}/${name} hash)
    string(SUBSTRING ${hash} 0 32 etag)
    # As strings, since compilers read these many times faster than lists of numbers.
    string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
    string(REGEX REPLACE "(${line})" "\\1\"\n    \"" bytes "${bytes}")
    string(APPEND arrays "constexpr char k${count}[] =\n    \"${bytes}\";\n")
    string(APPEND rows "    {\"${path}\", \"${TYPE_${extension}}\", {k${count}, sizeof(k${count}) - 1}, \"\\\"${etag}\\\"\"},\n")
    math(EXPR count "${count} + 1")
  endforeach()
endif()

set(text "// Made by cmake/EmbedDashboard.cmake.
#include \"server/http/dashboard_files.h\"

#include <array>

namespace futured::http {
namespace {

${arrays}
constexpr std::array<DashboardFile, ${count}> kFiles{{
${rows}}};

}  // namespace

std::span<const DashboardFile> dashboard_files() { return kFiles; }

}  // namespace futured::http
")
if(count EQUAL 0)
  string(REPLACE "kFiles{{\n}}" "kFiles{}" text "${text}")
endif()
file(WRITE ${OUTPUT} "${text}")
