# futured_add_plugin(NAME SOURCES…): a shared object with functions for a daemon.
function(futured_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE futured::plugin)
  if(TARGET futured_messages)
    add_dependencies(${name} futured_messages)
  endif()
endfunction()

# futured_loads_plugins(PROGRAM): lets a program load plugins. They find in it all of futured_task, also what the program
# itself does not use, and the messages behind it.
function(futured_loads_plugins program)
  set_target_properties(${program} PROPERTIES
    ENABLE_EXPORTS ON
    LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,futured_task")
endfunction()
