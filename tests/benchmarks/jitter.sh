# Jitter of polls beside a slow device and a silent one, and with all ten healthy (CELLWATCH_HEALTHS windows of 30 s).
benchmark() {
    export CELLWATCH_HEALTHS="${CELLWATCH_HEALTHS:-6}" CELLWATCH_BESIDE=both
    local log="$CACHE/jitter.log"
    cargo test --quiet --locked --profile "$PROFILE" --workspace --test slow_neighbours -- \
        --nocapture >"$log" 2>&1 || { cat "$log" >&2; return 1; }
    printf '## Jitter of polls\n\n'
    printf 'Ten reactors, Modbus TCP, the example profile (periods of 1 to 60 s), one agent with journal, seals and TLS. '
    printf 'Jitter is from the time at which a poll is due to the time at which it is asked for, by the agent'"'"'s health records: '
    printf 'the worst of the eight devices, in windows of 30 s after the first. `tests/bench jitter`\n\n'
    sed -nE 's/^(\|.*)$/\1/p' "$log"
    printf '\n%s, %s cores.\n' "$(uname -m)" "$(nproc)"
}
