# Devices with random faults in virtual time: 1000 seeds of 24 hours (CELLWATCH_SEEDS, CELLWATCH_HOURS).
campaign() {
    export CELLWATCH_SEEDS="${CELLWATCH_SEEDS:-1000}" CELLWATCH_HOURS="${CELLWATCH_HOURS:-24}"
    local begin=$SECONDS
    logged cargo test --quiet --locked --profile "$PROFILE" --package cellwatch-core --test acquire_simulation -- \
        --nocapture the_laws_hold
    grep -oh 'acquire simulation: .*' "$LOG" |
        sed -nE 's/^acquire simulation: ([0-9]+) seeds x ([0-9]+) minutes: Report \{ asked: ([0-9]+), good: ([0-9]+), .* skipped: ([0-9]+), gap_events: ([0-9]+), .* records: ([0-9]+),.*/\1\t\2\t\3\t\4\t\6\t\7/p' |
        table seeds "minutes each" requests "Good readings" gaps records
    echo
    echo "No law broken, in $((SECONDS - begin)) s."
}
