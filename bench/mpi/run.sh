#!/bin/sh
# What a chunk on a rank costs beside bare messages, and how long a campaign takes on 1 to 7 ranks of this machine beside
# the model of model.awk, which then goes on to 1,024.   MPI=mpich for that one; ROUNDS=3000
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
dflc=${DFLC:-$top/build/dflc} rt=${DFLRT:-$top/build} out=${OUT:-$top/build/bench-mpi} mpi=${MPI:-openmpi} rounds=${ROUNDS:-3000}
command -v "mpicc.$mpi" >/dev/null || { echo "MPI: there is no mpicc.$mpi"; exit 0; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out" && cd "$out"
"$dflc" -w -d . "$top/tests/mpi/campaign.dfl"
"mpicc.$mpi" -std=gnu11 -O2 -I. -I"$rt" -I"$top/runtime" -I"$top/runtime/mpi" "$top/tests/mpi/campaign.c" campaign.c "$top"/runtime/mpi/*.c \
    "$rt/libdflrt.a" -lpthread -lm -o campaign
many=''
[ "$mpi" = mpich ] || many=--oversubscribe

echo "machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $mpi"
: >bench
for round in 1 2 3 4 5; do
    "mpirun.$mpi" -n 2 ./campaign bench "$rounds" >>bench
done
sed 's/^/  /' bench
chunk=$(sed 's/.*chunk: \([0-9.]*\) us.*/\1/' bench | sort -n | sed -n 3p)
n=448 work=1000 # which the system makes 1,060 of
echo "$n points of $work us, a chunk without work $chunk us: ranks, measured ms, by the model ms"
for ranks in 1 3 7; do
    measured=$("mpirun.$mpi" $many -n $((ranks + 1)) ./campaign scale $n $work | cut -d' ' -f2)
    model=$(awk -v chunk="$chunk" -v state=1 -v point=0 -v n=$n -v work=1060 -v ranks=$ranks -f "$here/model.awk" | cut -d' ' -f2)
    echo "$ranks $measured $model" | awk '{ printf "  %4d %9.1f %9.1f  ratio %.3f\n", $1, $2, $3, $2 / $3 }'
done
for work in 100 1000 10000; do
    # Points of 8 bytes, by a network of 5 GB a second.
    echo "by the model, 65,536 points of $work us: ranks, ms, times as fast as one after the other"
    awk -v chunk="$chunk" -v state=1 -v point=0.0016 -v n=65536 -v work=$work -v ranks='16 64 256 1024' -f "$here/model.awk" | awk '{ printf "  %4d %9.1f %7.1f\n", $1, $2, $3 }'
done
