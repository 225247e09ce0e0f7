#!/usr/bin/env bash
# proves: every script in Python and bash can be parsed
# needs: python3
# costs: 2 s
source "$(dirname "$0")/prepare.sh"
needs python3 python3
for file in $(git ls-files); do
    [[ -f $file ]] || continue
    if [[ $file == *.py ]]; then
        python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file"
    elif [[ $file == *.sh ]] || head -c 64 "$file" | grep -aqE '^#!.*\bbash$'; then
        bash -n "$file"
    fi
done
