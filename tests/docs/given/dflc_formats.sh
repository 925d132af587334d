# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
printf 'graph a {\n    node b (); start -> b -> end;\n    start -> nowhere;\n}\n' >a.dfl
