# What one evaluation costs: a reading with four limits, and the memory of 10 000 alarms.
benchmark() {
    printf '## Evaluation\n\nOne core, the best of seven rounds of a million readings. `tests/bench judge`\n\n'
    cargo bench --quiet --locked --profile "$PROFILE" --workspace --bench judge
}
