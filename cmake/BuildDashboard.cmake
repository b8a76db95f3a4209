# cmake -DWEB=folder -DNPM=program -DWORK=folder -DDIST=folder -DSTAMP=file -P BuildDashboard.cmake: makes the dashboard of
# the sources in WEB, and touches STAMP. In a copy of them, as several builds may go on at once. What npm cannot fetch
# leaves DIST as it was, with a message, and is tried again by the next build; sources that are wrong are an error.
cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${WORK} ${DIST})
file(GLOB old RELATIVE ${WORK} ${WORK}/*)
list(REMOVE_ITEM old node_modules package-lock.installed.json)
foreach(name IN LISTS old)
  file(REMOVE_RECURSE ${WORK}/${name})
endforeach()
file(COPY ${WEB}/ DESTINATION ${WORK} PATTERN node_modules EXCLUDE PATTERN dist EXCLUDE)

# Installed again when the lock has changed.
set(same FALSE)
if(EXISTS ${WORK}/package-lock.installed.json)
  file(SHA256 ${WORK}/package-lock.json wanted)
  file(SHA256 ${WORK}/package-lock.installed.json installed)
  if(wanted STREQUAL installed)
    set(same TRUE)
  endif()
endif()
if(NOT same)
  # Scripts of packages are not run: what is installed is what was locked, and nothing else.
  execute_process(
    COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1 --fetch-timeout=30000
    WORKING_DIRECTORY ${WORK} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 300)
  if(failed)
    message("${said}")
    message(WARNING "npm cannot fetch what the dashboard is made with: the daemon is built without it, or with an earlier one")
    return()
  endif()
  file(COPY_FILE ${WORK}/package-lock.json ${WORK}/package-lock.installed.json)
endif()

file(GLOB_RECURSE files ${DIST}/*)
if(files)
  file(REMOVE ${files})
endif()
execute_process(COMMAND ${NPM} run --silent build -- --outdir=${DIST} WORKING_DIRECTORY ${WORK}
  RESULT_VARIABLE failed TIMEOUT 300)
if(failed)
  file(REMOVE_RECURSE ${DIST})
  message(FATAL_ERROR "the dashboard in ${WEB} cannot be built")
endif()
if(NOT EXISTS ${DIST}/index.html)
  message(FATAL_ERROR "the build of ${WEB} has made no index.html in ${DIST}")
endif()
file(TOUCH ${STAMP})
