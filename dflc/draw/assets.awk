# Makes C of text files: each becomes a list of its lines, asset_NAME_SUFFIX, that ends with NULL.
BEGIN { print "#include \"draw/assets.h\"" }
FNR == 1 {
    if (NR > 1) print "    0};"
    name = FILENAME
    sub(/.*\//, "", name)
    gsub(/[^a-z]/, "_", name)
    print "\nconst char *const asset_" name "[] = {"
}
{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    gsub(/\?\?/, "?\\?")
    print "    \"" $0 "\","
}
END { print "    0};" }
