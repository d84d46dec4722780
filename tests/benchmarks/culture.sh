# A nine-day culture at 1 Hz in virtual time, with its ten faults: acquire, judge, record, seal, verify; and so much for twelve days.
benchmark() {
    printf '## A culture in virtual time\n\n'
    printf 'Nine days at 1 Hz with ten faults: polled, judged, recorded, sealed, received, verified. `tests/bench culture`\n\n'
    "$CARGO_TARGET_DIR/${PROFILE/#dev/debug}/rehearsal" run nine-days >"$CACHE/culture.log" 2>&1 ||
        { cat "$CACHE/culture.log" >&2; return 1; }
    tail -n 3 "$CACHE/culture.log"
}
