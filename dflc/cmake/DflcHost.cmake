# Finds the dflc that runs here, whatever the target is, as DFLC_EXECUTABLE; looks first where HINTS say.
# Without one, ${out} is set to what to say.
function(dflc_find_host out)
    set(${out} "" PARENT_SCOPE)
    find_program(DFLC_EXECUTABLE dflc HINTS ${ARGN} NO_CMAKE_FIND_ROOT_PATH
        DOC "The dflc that compiles graphs; it runs on the machine that builds")
    if(NOT DFLC_EXECUTABLE)
        set(${out} "no dflc that runs on this machine was found; set DFLC_EXECUTABLE to one" PARENT_SCOPE)
    elseif(NOT TARGET dflc::dflc)
        add_executable(dflc::dflc IMPORTED GLOBAL)
        set_target_properties(dflc::dflc PROPERTIES IMPORTED_LOCATION "${DFLC_EXECUTABLE}")
    endif()
endfunction()
