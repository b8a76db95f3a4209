# futured_add_plugin(NAME SOURCES…): a shared object with functions for a daemon.
function(futured_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE futured::plugin)
  if(TARGET futured_messages)
    add_dependencies(${name} futured_messages)
  endif()
endfunction()
