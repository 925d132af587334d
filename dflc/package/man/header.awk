# dfl.h as chapters of a manual page: its titles are headings, the rest is literal. What stands behind "For
# generated code" is left out, as is what only the preprocessor wants.
function flush() {
    sub(/^\n+/, "", text)
    sub(/\n+$/, "", text)
    if (text != "") print "```\n" text "\n```\n"
    text = ""
}
/^\/\* -+ \*\/$/ { rule = !rule; next }
rule {
    title = $0
    gsub(/^\/\* *| *\*\/$/, "", title)
    if (title ~ /^For generated code/) exit
    flush()
    begun = 1
    print "# " toupper(title) "\n"
    next
}
/^#ifdef __cplusplus/ { other = 1 }
other { if (/^#(else|endif)/) other = 0; next }
!begun || /DFL__PRINTF\(F/ || /^#(if|ifdef|ifndef|else|elif|endif|pragma)/ || /^__attribute__/ || /^extern "C"/ { next }
{ gsub(/ DFL__PRINTF\([^)]*\)/, ""); text = text $0 "\n" }
END { flush() }
