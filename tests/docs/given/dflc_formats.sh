# shellcheck shell=sh
printf 'graph a {\n    node b (); start -> b -> end;\n    start -> nowhere;\n}\n' >a.dfl
