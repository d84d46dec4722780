# Fuzzing: Modbus replies on TCP and RTU, the decoder, the profile parser, ten minutes each (CELLWATCH_FUZZ_SECONDS).
CARGO_FUZZ=0.13.2
campaign() {
    local seconds="${CELLWATCH_FUZZ_SECONDS:-600}" work="$CACHE/fuzz" target
    cargo_tool cargo-fuzz cargo-fuzz "$CARGO_FUZZ"
    mkdir -p "$work"
    # A stable compiler: without a sanitizer, which only the nightly one has, overflow checks and assertions are what is
    # found; the code under test has no unsafe block.
    export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target"
    local rows="$work/rows"
    : >"$rows"
    for target in tcp_reply rtu_reply decoder profile_parser; do
        mkdir -p "$work/corpus/$target"
        logged cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none --release "$target" \
            "$work/corpus/$target" "tests/fuzz/corpus/$target" -- \
            "-max_total_time=$seconds" -max_len=4096 -print_final_stats=1 "-artifact_prefix=$work/$target-"
        local runs speed cover
        runs="$(sed -nE 's/^stat::number_of_executed_units: +([0-9]+)/\1/p' "$LOG" | tail -1)"
        speed="$(sed -nE 's/^stat::average_exec_per_sec: +([0-9]+)/\1/p' "$LOG" | tail -1)"
        cover="$(sed -nE 's/.* cov: ([0-9]+) .*/\1/p' "$LOG" | tail -1)"
        printf '%s\t%s s\t%s\t%s/s\t%s\t%s\n' "$target" "$seconds" "$runs" "$speed" "$cover" \
            "$(find "$work/corpus/$target" -type f | wc -l)" >>"$rows"
    done
    table target time inputs speed "edges reached" "inputs that reach further" <"$rows"
    echo
    echo "Nothing failed. What reaches further is in the cache, not in the repository: a failing input belongs into tests/fuzz/corpus."
}
