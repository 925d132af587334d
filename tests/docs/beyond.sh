# shellcheck shell=sh
# no-asan
# The manuals of runtime/pg and runtime/mpi, where the libraries are there.
cd "$TOP"
[ ! -e "$DFLRT/dfl_pg.h" ] || tests/docs.sh runtime/pg/README.md
[ ! -e "$DFLRT/dfl_mpi.h" ] || CC=mpicc tests/docs.sh runtime/mpi/README.md
