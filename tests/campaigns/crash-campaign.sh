# Kills, cuts, full and read-only disks, clock steps: 5000 rounds against real processes (CELLWATCH_ROUNDS, CELLWATCH_SEED, CELLWATCH_MINUTES).
campaign() {
    export CELLWATCH_ROUNDS="${CELLWATCH_ROUNDS:-5000}" CELLWATCH_SEED="${CELLWATCH_SEED:-1}"
    logged cargo build --quiet --locked --profile "$PROFILE" --bins --package cellwatch-daemon \
        --package cellwatch-control-site --package cellwatch-reactor
    export CELLWATCH_TESTS_BUILT=yes
    logged cargo test --quiet --locked --profile "$PROFILE" --package cellwatch-tests --test crash_campaign -- --nocapture
    grep '^  NOT DONE' "$LOG" || true
    grep -oh '^crash campaign: .*' "$LOG" | sed 's/^crash campaign: //; s/; /\n/g' | sed 's/^/- /'
}
