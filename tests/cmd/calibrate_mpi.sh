# calibrate --mpi: what dflc-ranks says gets into the machine file, whatever else mpirun says; what goes wrong is told.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_base_warn_component_unused=0
mkdir here
cp "$DFLC" here/dflc

tool() { # what it does, in sh
    printf '#!/bin/sh\n%s\n' "$1" >here/dflc-ranks
    chmod +x here/dflc-ranks
}
calibrate() { # exit statuses that are right, then options
    right=$1 status=0
    shift
    timeout 60 here/dflc calibrate --quick --noisy "$@" >figures 2>said || status=$?
    case " $right " in *" $status "*) ;; *) echo "calibrate $*: status $status"; cat said; exit 1 ;; esac
}
refused() { # message, then options
    message=$1
    shift
    calibrate 2 "$@"
    [ ! -s figures ] && grep -v '^dflc:   \|is noisy:$' said >last && [ "$(cat last)" = "$message" ] || {
        printf '%s\nwanted: %s\n' "$*" "$message"; cat said; exit 1
    }
}

# Without MPI anywhere.
PATH=/usr/bin:/bin refused "dflc: there is no 'dflc-ranks' near dflc or in PATH: it comes with libdflrt-mpi, which is made where pkg-config knows Open MPI or MPICH" --mpi
tool 'exit 3'
refused "dflc: cannot start 'nowhere': No such file or directory" --mpi='nowhere -n 16'
refused "dflc: 'env dflc-ranks' has failed, with exit status 3" --mpi=env
tool 'kill -9 $$'
refused "dflc: 'env dflc-ranks' was ended by signal 9" --mpi=env
tool 'echo dflc-ranks 2; echo hello'
refused "dflc: 'env dflc-ranks' has said what dflc does not understand: is it of another version?" --mpi=env
tool 'echo dflc-ranks 1; echo ranks 3; echo chunk 2us'
refused "dflc: 'env dflc-ranks' has said what dflc does not understand: is it of another version?" --mpi=env
tool 'echo dflc-ranks 1; echo ranks 3'
refused "dflc: 'env dflc-ranks' has measured nothing" --mpi=env
tool 'echo dflc-ranks 1; echo ranks 0'
refused "dflc: 'env dflc-ranks' has run one process alone: say how many there are, as in --mpi='mpirun -n 16', with the mpirun of the MPI that dflrt-mpi was built with" --mpi=env
refused "dflc: --mpi takes words on one line, such as --mpi='mpirun -n 16' (see dflc calibrate --help)" --mpi=' '
refused "dflc: --mpi takes words on one line, such as --mpi='mpirun -n 16' (see dflc calibrate --help)" --mpi='a
b'

# The medians, and where most samples lie; without a shell, so that nothing in the words does anything but be a word.
tool '[ "$1 $2" = "8 10" ] || exit 9
echo "mpirun: welcome"; echo dflc-ranks 1; echo ranks 15
for round in 1 2 3 4 5 6 7 8; do for n in 2400 2410 2390; do echo chunk $n; echo kib 19$round; done; echo round; done'
calibrate 0 --mpi='env A=$(touch&evil)' -o cluster.machine
[ ! -e 'touch&evil' ] && [ ! -e evil ]
cmp cluster.machine figures
sed -n '/^ranks/,$p' figures >ranks
cat >expected <<'END'
ranks                 = 15        # that serve: sections may go to them
rank_chunk_ns         = 2400      # 2390 to 2410; a chunk on a rank, besides its work
rank_ns_per_kib       = 194       # 191 to 198; and each KiB that goes there or comes back
END
cmp ranks expected
grep -q "^# ranks: 24 samples, one rank at a time, started by 'env A=\$(touch&evil)'$" figures
printf 'graph g {\n    state { in xs : i64[]; out sum : i64 merge sum; }\n    node n (in x : i64, out sum) cost 1ms;\n    start -> each x in xs [n] -> end;\n}\n' >a.dfl
"$DFLC" explain --machine cluster.machine a.dfl >explained
grep -q '^    on 15 ranks: 1 ms, ' explained
calibrate '0 1 2' --mpi
grep -q "started by 'mpirun'$" figures || [ "$status" = 2 ]

# In earnest, where there is an MPI that dflc-ranks was built with.
rm here/dflc-ranks
[ -e "$DFLRT/dflc-ranks" ] && command -v mpirun >/dev/null || { echo "skipped: there is no MPI" && exit 0; }
cp "$DFLRT/dflc-ranks" here/
status=0
timeout 60 here/dflc calibrate --quick --noisy --mpi='mpirun -n 3 --oversubscribe' >figures 2>said || status=$?
[ $status -le 1 ] || { cat said; exit 1; }
grep -q '^ranks  *= 2 ' figures
[ "$(sed -n 's/^rank_chunk_ns *= \([0-9]*\).*/\1/p' figures)" -ge 100 ]
