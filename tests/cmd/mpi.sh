# shellcheck shell=sh disable=SC2086
# no-asan
# Sections on the ranks of an MPI job, Open MPI and MPICH: the same result on any number of them, the job ends with a rank that
# is killed and goes on where it stood, and a run that is cancelled or late ends soon.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_base_warn_component_unused=0
found=''
"$DFLC" -w -d . "$TOP/tests/mpi/campaign.dfl"

# Both say it differently that a CPU has more than one rank.
on() { # RANKS ARGUMENTS...
    n=$1
    shift
    timeout 60 $launch -n "$n" ./campaign "$@" 2>log
}

calls() { # that are new
    wc -c <calls
}

try() {
    for n in 1 3 8; do
        rm -f calls
        on "$n" run 40 . >"on$n"
        [ "$(calls)" = 40 ]
    done
    cmp on1 on3 && cmp on1 on8
    grep -q '"sum":20140,' on1 && grep -q '"code":4' on1 # all but the square of 20, which is bad

    # Messages that are too large for their slot, by long and by short tasks, of which each rank has two.
    for n in 1 2 3 8; do
        on "$n" run 1300 '' >large$n
        cmp large1 large$n
    done

    # Killed in a rank's third point: the job fails; then what was done is not done again.
    rm -rf calls store
    ! on 4 die 40 . store >dead || { echo "nobody was killed"; exit 1; }
    on 4 run 40 . store >resumed
    cmp on1 resumed
    # Done twice are at most the chunks that were under way: one of each rank that serves, of 3 or 4 points.
    [ "$(calls)" -ge 40 ] && [ "$(calls)" -le 52 ]
    on 3 cancel >ended
    printf 'the run'"'"'s time was up, soon\ncancelled, soon\n' >expected
    cmp ended expected || { cat ended; exit 1; }
}

for mpi in openmpi mpich; do
    command -v mpicc.$mpi >/dev/null && command -v mpirun.$mpi >/dev/null || continue
    found=yes
    mpicc.$mpi -std=gnu11 -O1 -Wall -Wextra -Werror -I. -I"$DFLRT" -I"$TOP/runtime" -I"$TOP/runtime/mpi" "$TOP/tests/mpi/campaign.c" campaign.c \
        "$TOP"/runtime/mpi/*.c "$DFLRT/libdflrt.a" -lpthread -lm -o campaign
    launch="mpirun.$mpi"
    [ $mpi = mpich ] || launch="$launch --oversubscribe"
    try
done
[ -n "$found" ] || echo "skipped: there is no MPI"
