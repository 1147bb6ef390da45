#!/bin/sh
# A node process that is none: says where somebody else serves, as the file beside its configuration has
# it, and lives until its standard input ends. Started as `node --config FILE --leased`.
cat "$(dirname "$3")/addresses" && exec cat > /dev/null
