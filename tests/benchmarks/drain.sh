# How fast a backlog leaves, to a subscriber that counts and to a Control Site that verifies and stores.
benchmark() {
    local log="$CACHE/drain.log"
    example drain >"$log" 2>"$log.err" || { cat "$log.err" >&2; return 1; }
    printf '## Backlog\n\n'
    printf 'One agent, Mosquitto and TLS between, records of a few hundred bytes in bundles; agent, broker and receiver share the machine. '
    printf 'From the start of the agent to the last record. `tests/bench drain`\n\n'
    cat "$log"
    printf '\n%s, %s cores.\n' "$(uname -m)" "$(nproc)"
}
