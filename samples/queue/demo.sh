#!/bin/sh
# Two hundred orders, two workers, one of which is killed in the middle; and two questions for a person.
#   ./demo.sh DATABASE      DATABASE as libpq has it: "host=db.example dbname=work"
set -eu
db=$1 dflc=${DFLC:-dflc}
rm -rf outside && mkdir outside
./shop "$db" submit 200
./shop "$db" submit 200 # once more: the keys are known
echo "submitted $("$dflc" queue ls "$db" | tail -n +2 | wc -l | tr -d ' ') orders"

./shop "$db" work &
./shop "$db" work &
victim=$!
until [ "$(ls outside | wc -l)" -ge 60 ]; do sleep 0.02; done
kill -9 $victim
wait
echo "a worker was killed, and the other has gone on:"
./shop "$db" report
"$dflc" queue ls "$db" paused | awk 'NR > 1 { print $3, "waits for an answer" }'

"$dflc" queue answer "$db" order-100 yes
"$dflc" queue answer "$db" order-200 no
./shop "$db" work
echo "after the answers:"
./shop "$db" report
echo "$(cat outside/* | grep -c charged) charges, $(cat outside/* | grep -c shipped) parcels"
