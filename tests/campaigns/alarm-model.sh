# The alarm engine against the flat table of ISA-18.2: two million random sequences (CELLWATCH_SEQUENCES).
campaign() {
    export CELLWATCH_SEQUENCES="${CELLWATCH_SEQUENCES:-2000000}"
    local begin=$SECONDS
    logged cargo test --quiet --locked --profile "$PROFILE" --package cellwatch-alarm --test alarm_model -- \
        --nocapture random_sequences
    grep -oh 'alarm model: .*' "$LOG" |
        sed -nE 's/^alarm model: ([0-9]+) sequences; ([0-9]+) steps, ([0-9]+) rises, ([0-9]+) falls, ([0-9]+) refusals.*/\1\t\2\t\3\t\4\t\5/p' |
        table sequences steps rises falls "refused steps"
    echo
    echo "Engine and table agree, in $((SECONDS - begin)) s."
}
