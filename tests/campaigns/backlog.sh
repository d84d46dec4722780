# Fourteen days of records at one a second, 1.2 million, drained through Mosquitto (CELLWATCH_RECORDS).
campaign() {
    export CELLWATCH_RECORDS="${CELLWATCH_RECORDS:-1209600}"
    logged cargo build --quiet --locked --profile "$PROFILE" --bins --package cellwatch-daemon \
        --package cellwatch-control-site
    export CELLWATCH_TESTS_BUILT=yes
    logged cargo test --quiet --locked --profile "$PROFILE" --package cellwatch-tests --test backlog -- --nocapture
    grep -oh '^backlog of .*' "$LOG" |
        sed -nE 's/^backlog of ([0-9]+) records: stored in ([0-9]+) s \(([0-9]+)\/s\), agent ([0-9]+) MiB at most, ([0-9]+) came again, alarm after ([0-9]+) bundles with ([0-9]+) to come$/\1\t\2\t\3\t\4\t\5\t\6 of \7/p' |
        table records "stored, s" "records/s" "agent, MiB at most" "came again" "bundles before the alarm"
}
