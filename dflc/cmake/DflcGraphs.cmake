# dfl_add_graph(TARGET FILES FILE.dfl... [OPTIONS OPTION...] [INCLUDE_DIRECTORIES DIR...] [MACHINE FILE] [PROFILE FILE])
#
# Compiles graphs and makes them part of a target, which finds "NAME.h", as does what links with it, and is linked
# with the runtime. A file is compiled again when it, what it imports, the machine file, the profile or dflc
# has changed. OPTIONS go to dflc as they are. Paths are relative to the current source directory.

include_guard(GLOBAL)

function(dfl_add_graph target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "MACHINE;PROFILE" "FILES;OPTIONS;INCLUDE_DIRECTORIES")
    if(NOT TARGET ${target})
        message(FATAL_ERROR "dfl_add_graph: there is no target '${target}'")
    elseif(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "dfl_add_graph: unknown argument '${arg_UNPARSED_ARGUMENTS}'")
    elseif(NOT arg_FILES)
        message(FATAL_ERROR "dfl_add_graph: there are no FILES for '${target}'")
    endif()
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(NOT "C" IN_LIST languages)
        message(FATAL_ERROR "dfl_add_graph: graphs become C; put C among the languages of project()")
    endif()

    set(flags ${arg_OPTIONS} -ffile-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=)
    foreach(dir IN LISTS arg_INCLUDE_DIRECTORIES)
        get_filename_component(dir "${dir}" ABSOLUTE)
        list(APPEND flags -I "${dir}")
    endforeach()
    foreach(kind MACHINE PROFILE)
        if(arg_${kind})
            get_filename_component(file "${arg_${kind}}" ABSOLUTE)
            string(TOLOWER ${kind} flag)
            list(APPEND flags --${flag} "${file}")
        endif()
    endforeach()

    # A directory for each target: two of them may hold the same graph, compiled with other options.
    set(out ${CMAKE_CURRENT_BINARY_DIR}/dfl/${target})
    file(MAKE_DIRECTORY ${out})
    foreach(file IN LISTS arg_FILES)
        get_filename_component(name "${file}" NAME_WLE)
        get_filename_component(path "${file}" ABSOLUTE)
        add_custom_command(
            OUTPUT ${out}/${name}.c ${out}/${name}.h
            COMMAND $<TARGET_FILE:dflc::dflc> -MD -MF ${out}/${name}.d ${flags} -d ${out} "${path}"
            DEPENDS "${path}" $<TARGET_FILE:dflc::dflc>
            DEPFILE ${out}/${name}.d
            COMMENT "Compiling graph ${file}"
            VERBATIM)
        set_source_files_properties(${out}/${name}.c ${out}/${name}.h PROPERTIES
            SKIP_UNITY_BUILD_INCLUSION ON SKIP_AUTOGEN ON)
        target_sources(${target} PRIVATE ${out}/${name}.c ${out}/${name}.h)
    endforeach()
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${out}>)
    target_link_libraries(${target} PUBLIC dflc::dflrt)
endfunction()
