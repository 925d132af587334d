#!/bin/sh
# way.sh NAME SEED GRAPHS SECONDS DIR: compares so many graphs with the oracle, in one way of compiling them
# (NAME.way), for at most SECONDS (0: without limit). A graph that fails is made smaller, for at most
# $SHRINK_SECONDS (60), and its smallest form shown; DIR/failed holds it then. Exits with 0 or 1. For the
# environment see try.sh; $ORACLE is the oracle.
set -u
name=$1 seed=$2 graphs=$3 seconds=$4 dir=$5
way=$TOP/tests/oracle/$name.way
batch=20

word() { # NAME: what stands behind it in the way
    sed -n "s|^$1: *||p" "$way"
}

FLAGS=$(word flags) CC=$(word cc) CFLAGS=$(word cflags) LATER=$(word later)
export FLAGS CC CFLAGS LATER
command -v "$CC" >/dev/null || { echo "skipped, there is no $CC" && exit 0; }

make_graphs() { # OPTIONS OF THE ORACLE: in DIR/tried
    rm -rf "$dir/tried" && mkdir -p "$dir/tried"
    timeout 60 "$ORACLE" "$@" -o "$dir/tried" || { echo "the oracle itself exits with $?" && exit 1; }
}

shrink() { # CHOICES of a graph that fails
    mkdir -p "$dir/failed"
    timeout "${SHRINK_SECONDS:-60}" "$ORACLE" --shrink "$1" \
        --test "$TOP/tests/oracle/try.sh $dir/failed" --keep "$dir/smallest" -o "$dir/failed" 2>/dev/null
    rm -rf "$dir/failed" && mkdir -p "$dir/failed"
    cp "$dir/smallest" "$dir/failed/g0.choices"
    "$ORACLE" --play "$dir/smallest" -o "$dir/failed"
    "$TOP/tests/oracle/try.sh" "$dir/failed"
    head -n 40 "$dir/failed/log"
    head -n 80 "$dir/failed/graphs.dfl"
}

# Which graph of a batch is it? Each is tried alone.
find_failing() { # FIRST
    rm -rf "$dir/batch" && mv "$dir/tried" "$dir/batch"
    for i in $(seq "$1" $(($1 + batch - 1))); do
        choices=$dir/batch/g$i.choices
        make_graphs --play "$choices"
        "$TOP/tests/oracle/try.sh" "$dir/tried" && continue
        echo "graph $i of seed $seed fails, $name:"
        shrink "$choices"
        exit 1
    done
    echo "graphs $1 to $((i)) of seed $seed fail together, but none of them alone, $name:"
    head -n 40 "$dir/batch/log"
    exit 1
}

end=$(($(date +%s) + seconds))
done=0
while [ $done -lt "$graphs" ]; do
    [ "$seconds" = 0 ] || [ "$(date +%s)" -lt $end ] || break
    make_graphs --seed "$seed" --from $done --graphs $batch
    "$TOP/tests/oracle/try.sh" "$dir/tried" || find_failing $done
    done=$((done + batch))
done
echo "$done graphs"
