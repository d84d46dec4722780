# Opening a journal of twelve days: 30 parameters at 1 Hz in frames of 5 s, health and hourly states (CELLWATCH_DAYS).
campaign() {
    export CELLWATCH_DAYS="${CELLWATCH_DAYS:-12}"
    logged cargo test --quiet --locked --profile "$PROFILE" --package cellwatch-daemon --lib -- --nocapture days_of_records
    grep -oh 'start after .*' "$LOG" |
        sed -nE 's/^start after ([0-9]+) hours: ([0-9]+) records, ([0-9]+) MiB in ([0-9]+) segments: opened in ([0-9]+) ms, looked at in ([0-9]+) ms/\1\t\2\t\3\t\4\t\5\t\6/p' |
        table hours records MiB segments "opened, ms" "looked at, ms"
}
