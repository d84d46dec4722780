# Checks of a reply taken out one at a time, in a copy of the sources: a cell of the fault matrix, or the simulation, must turn red.
#
# CELLWATCH_MUTANTS="unit on TCP|CRC" tries only those whose name has one of these words in it.

# mutant NAME PROOF FILE CHANGE [FILE CHANGE]: a Perl substitution in each file. PROOF is words of the name of a cell, or
# `simulation`.
mutant() {
    local name="$1" proof="$2" file status=0 begin=$SECONDS
    shift 2
    [[ $name =~ ${CELLWATCH_MUTANTS:-.} ]] || return 0
    local changed=()
    while [[ $# -gt 0 ]]; do
        file="$1"
        changed+=("$file")
        perl -0pi -e "$2" "$COPY/tree/$file"
        if cmp -s "$file" "$COPY/tree/$file"; then
            echo "$name: nothing was changed in $file: the check stands elsewhere or is written otherwise" >&2
            return 1
        fi
        shift 2
    done
    try "$proof" "$COPY/$name.log" || status=$?
    for file in "${changed[@]}"; do cp "$file" "$COPY/tree/$file"; done
    if [[ $status -eq 2 ]]; then
        echo "$name could not be built" >&2
        return 1
    fi
    # A test that could not be run would end with the same status as one that is red.
    if [[ $status -eq 0 ]] || ! grep -q '^test result: FAILED' "$COPY/$name.log"; then
        cat "$COPY/$name.log" >&2
        echo "$name was not caught by $proof (status $status)" >&2
        return 1
    fi
    printf '%s\t%s\tred\t%s s\n' "$name" "$proof" $((SECONDS - begin)) >>"$COPY/table"
}
# try PROOF LOG: builds, and runs what the proof is.
try() {
    local target=fault_matrix filter=fault_matrix
    [[ $1 != simulation ]] || target=acquire_simulation filter=the_laws_hold
    (
        cd "$COPY/tree"
        # The whole workspace is chosen each time: what is not changed is built once.
        logged cargo test --quiet --locked --profile "$PROFILE" --workspace --test "$target" --no-run || exit 2
        export CELLWATCH_TESTS_BUILT=yes CELLWATCH_CELLS="$1"
        cargo test --quiet --locked --profile "$PROFILE" --workspace --test "$target" -- --nocapture "$filter" >"$2" 2>&1
    )
}
campaign() {
    COPY="$(mktemp -d)"
    mkdir "$COPY/tree"
    git ls-files -z | xargs -0 cp --parents -t "$COPY/tree"
    # What is built for every mutant is to be built quickly.
    PROFILE="${CELLWATCH_PROFILE:-dev}"
    local tcp=agent/daemon/src/modbus/tcp.rs expectation=agent/daemon/src/modbus/expectation.rs
    local rtu=agent/daemon/src/modbus/rtu.rs frame=agent/core/src/acquire/rtu/frame.rs
    local master=agent/core/src/acquire/rtu/master.rs turns=agent/core/src/acquire/line/turns.rs
    local device=agent/core/src/acquire/device.rs
    # Red says something only where nothing is red without a change.
    try "Modbus" "$COPY/unchanged.log" || { cat "$COPY/unchanged.log" >&2; return 1; }
    try simulation "$COPY/unchanged.log" || { cat "$COPY/unchanged.log" >&2; return 1; }

    mutant "transaction" "another transaction, Modbus TCP" \
        "$expectation" 's/if found != self\.transaction/if false && found != self.transaction/'
    mutant "unit on TCP" "another unit answers, Modbus TCP" \
        "$expectation" 's/&& unit != self\.unit/&& false && unit != self.unit/'
    mutant "function on TCP" "another function, Modbus TCP" \
        "$expectation" 's/if function != self\.function && !exception/if false && !exception/'
    mutant "byte count on TCP" "short reply, Modbus TCP" \
        "$expectation" 's/&& count != self\.data_bytes/&& false && count != self.data_bytes/'
    mutant "what follows on TCP" "garbage after the reply, Modbus TCP" \
        "$expectation" 's/Err\(WrongReply::Trailing\(have - whole\)\)/Ok(true)/'
    mutant "timeout on TCP" "silent, Modbus TCP" \
        "$tcp" 's/timeout_at\(until, open\.context/timeout_at(until + Duration::from_secs(86_400), open.context/'
    mutant "a connection used again after a timeout" "late, beyond the timeout, Modbus TCP" \
        "$tcp" 's/Err\(_\) => return Err\(late\(&open\.progress, timeout_ms\)\)/Err(_) => { let why = late(&open.progress, timeout_ms); self.link = Some(open); return Err(why); }/'
    mutant "unit on RTU" "another unit answers, RTU over TCP" \
        "$frame" 's/if unit != self\.unit/if false \&\& unit != self.unit/'
    mutant "function on RTU" "another function, RTU over TCP" \
        "$frame" 's/if function != self\.function && !refused/if false \&\& !refused/'
    mutant "byte count on RTU" "short reply, RTU on a serial port" \
        "$frame" 's/&& found != self\.data_bytes/\&\& false \&\& found != self.data_bytes/'
    mutant "CRC" "CRC error, RTU on a serial port" \
        "$frame" 's/if computed != found/if false \&\& computed != found/'
    # The line's turns and the master keep the quiet, each by itself.
    mutant "the quiet after a failure" "late, beyond the timeout, RTU on a serial port" \
        "$master" 's/(fn failed.*?)self\.quiet_until = self\.quiet_until\.max\(self\.late_until\);/$1/s' \
        "$turns" 's/if failed && self\.setup\.without_ids/if false \&\& failed/'
    mutant "a half-open connection to a serial server" "half-open connection, RTU over TCP" \
        "$rtu" 's/\(failed \|\| !self\.line\.keep\)/(false \&\& failed || !self.line.keep)/'
    mutant "a reply to another request" simulation \
        "$device" 's/self\.open\.take_if\(\|open\| open\.request == request\)/self.open.take()/'
    mutant "a reply of another length" simulation \
        "$device" 's/Ok\(words\) if words\.len\(\) != expected =>/Ok(words) if false \&\& words.len() != expected =>/'
    table "taken out" "turns red" outcome time <"$COPY/table"
    rm -rf "$COPY"
}
