# A new project builds without a warning and runs, whatever its directory is called.
export DFLC DFLRT CFLAGS="-O1 -Wall -Wextra -Werror $SANITIZE" LDFLAGS="$SANITIZE"
for dir in hello 3rd-try 'two words' run nodes int in 日本; do
    "$DFLC" new "$dir" >said
    grep -q '^build and run it: make -C ' said
    make -s -C "$dir" run >out
    [ "$(cat out)" = 'Hello, world! Hello, world! Hello, world!' ]
    "$DFLC" fmt --check "$dir"/*.dfl
    "$DFLC" check "$dir"/*.dfl >warnings 2>&1
    [ ! -s warnings ]
done
[ "$(cd hello && ls -A)" = "$(cd hello && ls -A .gitignore Makefile README.md hello hello.c hello.dfl hello.h hello.o nodes.c nodes.o)" ]
./hello/hello you | grep -qx 'Hello, you! Hello, you! Hello, you!'
make -s -C hello clean
[ "$(cd hello && ls)" = "$(printf 'Makefile\nREADME.md\nhello.dfl\nnodes.c')" ]
make -s -C hello -n run >commands
grep -q hello.dfl commands

status=0
"$DFLC" new hello 2>message || status=$?
[ $status = 2 ]
grep -q "^dflc: cannot make a project in 'hello': it is not empty, there is '" message
mkdir -p begun/.git
"$DFLC" new begun >said
[ -e begun/begun.dfl ]
mkdir here && (cd here && "$DFLC" new . >../said && [ -e here.dfl ])
for dir in no/where hello/Makefile; do
    status=0
    "$DFLC" new $dir 2>message || status=$?
    [ $status = 2 ]
    grep -q "^dflc: cannot make a project in '$dir': " message
done
