# Colours where they are wanted, and only there.
printf 'graph g {\n}\n' >bad.dfl
escape=$(printf '\033')
says() { "$DFLC" check "$@" bad.dfl 2>message || true; }
says && ! grep -q "$escape" message
says --color=auto && ! grep -q "$escape" message
says --color=never && ! grep -q "$escape" message
says --color=always && grep -q "$escape" message
says --color=always --diagnostics=json && ! grep -q "$escape" message
