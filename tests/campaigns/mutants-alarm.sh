# cargo-mutants over agent/alarm: every change of the code that no test notices must stand in docs/mutants.md.
campaign() {
    cargo_tool cargo-mutants cargo-mutants "$CARGO_MUTANTS"
    local out="$CACHE/mutants-alarm" begin=$SECONDS status=0
    rm -rf "$out" && mkdir -p "$out"
    # 2 and 3 are its words for mutants that were missed or did not end.
    logged cargo mutants --package cellwatch-alarm --output "$out" --no-shuffle --colors never || status=$?
    [[ $status -eq 0 || $status -eq 2 || $status -eq 3 ]] || return "$status"
    out="$out/mutants.out"
    local unexplained=0 mutant
    while read -r mutant; do
        [[ -n $mutant ]] || continue
        # Without file and line, which move.
        mutant="${mutant#*: }"
        if grep -qF -- "${mutant//|/\\|}" docs/mutants.md; then
            echo "- survives, with its reason in docs/mutants.md: $mutant"
        else
            echo "- survives WITHOUT a reason: $mutant"
            unexplained=$((unexplained + 1))
        fi
    done < <(cat "$out/missed.txt" "$out/timeout.txt")
    count() { wc -l <"$out/$1.txt" | tr -d ' '; }
    printf '%s\t%s\t%s\t%s\n' "$(count caught)" "$(count missed)" "$(count timeout)" "$(count unviable)" |
        table caught missed "did not end" "did not compile"
    echo
    echo "In $((SECONDS - begin)) s."
    [[ $unexplained -eq 0 ]]
}
