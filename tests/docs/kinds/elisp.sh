# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# For Emacs, which compiles it and what it loads.
block=$1
command -v emacs >/dev/null || { echo "not read: blocks of elisp; there is no emacs (emacs-nox)" && exit 77; }
sed "s|/path/to/|$TOP/|" "$block" >init.el
for file in $(grep -o '"/[^"]*\.el"' init.el | tr -d '"'); do
    [ -e "$file" ] || { echo "there is no $file" && exit 1; }
    cp "$file" .
done
for file in *.el; do
    emacs -Q --batch --eval "(with-temp-buffer (insert-file-contents \"$file\") (emacs-lisp-mode) (check-parens))" >said 2>&1 || { cat said && exit 1; }
done
# Those before 29 have no treesit.
if emacs -Q --batch --eval '(kill-emacs (if (fboundp (quote treesit-parser-create)) 0 1))'; then
    emacs -Q --batch --eval '(setq byte-compile-error-on-warn t)' -f batch-byte-compile ./*.el >said 2>&1 || { cat said && exit 1; }
    emacs -Q --batch -l init.el >said 2>&1 || { cat said && exit 1; }
fi
