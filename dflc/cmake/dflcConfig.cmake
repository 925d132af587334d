# find_package(dflc) gives
#
#   dfl_add_graph      compiles graphs into a target (DflcGraphs.cmake)
#   dflc::dflc         the compiler; when cross compiling it is looked for on this machine: DFLC_EXECUTABLE
#   dflc::dflrt        the runtime: the shared library if BUILD_SHARED_LIBS is on, else the static one
#   dflc::dflrt-sqlite checkpoints in SQLite, where that was installed and CMake finds SQLite
#   dflc::dflrt-pg     checkpoints in PostgreSQL, likewise
#   dflc::dflrt-mpi    sections on the ranks of an MPI job, likewise (the MPI that it was built with)
#
# This file lies in LIBDIR/cmake/dflc.

include(CMakeFindDependencyMacro)
include("${CMAKE_CURRENT_LIST_DIR}/DflcHost.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/DflcGraphs.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/dflcPaths.cmake")

if(CMAKE_CROSSCOMPILING)
    dflc_find_host(dflc_NOT_FOUND_MESSAGE)
else()
    dflc_find_host(dflc_NOT_FOUND_MESSAGE "${dflc_bindir}")
endif()
if(dflc_NOT_FOUND_MESSAGE)
    set(dflc_FOUND FALSE)
    return()
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_dependency(Threads)

if(NOT TARGET dflc::dflrt)
    if(BUILD_SHARED_LIBS AND EXISTS "${dflc_libdir}/libdflrt.so")
        add_library(dflc::dflrt SHARED IMPORTED)
        file(REAL_PATH "${dflc_libdir}/libdflrt.so" _dflc_file)
        set_target_properties(dflc::dflrt PROPERTIES IMPORTED_SONAME ${dflc_soname})
    else()
        add_library(dflc::dflrt STATIC IMPORTED)
        set(_dflc_file "${dflc_libdir}/libdflrt.a")
    endif()
    set_target_properties(dflc::dflrt PROPERTIES
        IMPORTED_LOCATION "${_dflc_file}"
        INTERFACE_INCLUDE_DIRECTORIES "${dflc_includedir}"
        INTERFACE_LINK_LIBRARIES Threads::Threads)
    unset(_dflc_file)
endif()

if(NOT TARGET dflc::dflrt-sqlite AND EXISTS "${dflc_libdir}/libdflrt-sqlite.a")
    find_package(SQLite3 QUIET)
    if(SQLite3_FOUND)
        add_library(dflc::dflrt-sqlite STATIC IMPORTED)
        set_target_properties(dflc::dflrt-sqlite PROPERTIES
            IMPORTED_LOCATION "${dflc_libdir}/libdflrt-sqlite.a"
            INTERFACE_LINK_LIBRARIES "dflc::dflrt;SQLite::SQLite3")
    endif()
endif()

if(NOT TARGET dflc::dflrt-pg AND EXISTS "${dflc_libdir}/libdflrt-pg.a")
    find_package(PostgreSQL QUIET)
    if(PostgreSQL_FOUND)
        add_library(dflc::dflrt-pg STATIC IMPORTED)
        set_target_properties(dflc::dflrt-pg PROPERTIES
            IMPORTED_LOCATION "${dflc_libdir}/libdflrt-pg.a"
            INTERFACE_LINK_LIBRARIES "dflc::dflrt;PostgreSQL::PostgreSQL")
    endif()
endif()

if(NOT TARGET dflc::dflrt-mpi AND EXISTS "${dflc_libdir}/libdflrt-mpi.a")
    find_package(MPI QUIET COMPONENTS C)
    if(MPI_C_FOUND)
        add_library(dflc::dflrt-mpi STATIC IMPORTED)
        set_target_properties(dflc::dflrt-mpi PROPERTIES
            IMPORTED_LOCATION "${dflc_libdir}/libdflrt-mpi.a"
            INTERFACE_LINK_LIBRARIES "dflc::dflrt;MPI::MPI_C")
    endif()
endif()
