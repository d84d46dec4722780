# Three ways to break "durable, then published", in a copy of the sources: durable_first must catch each.
mutant() { # name, file, perl substitution, test
    local name="$1" file="$2" change="$3" test="$4" status=0
    cp "$file" "$COPY/before"
    perl -0pi -e "$change" "$COPY/tree/$file"
    if cmp -s "$COPY/before" "$COPY/tree/$file"; then
        echo "$name: nothing was changed in $file" >&2
        return 1
    fi
    (
        cd "$COPY/tree"
        # The whole workspace is chosen each time: what both take is built once.
        logged cargo build --quiet --locked --profile "$PROFILE" --workspace --bins
        export CELLWATCH_TESTS_BUILT=yes
        cargo test --quiet --locked --profile "$PROFILE" --workspace --test durable_first -- \
            --exact "$test" >"$COPY/$name.log" 2>&1
    ) || status=$?
    cp "$COPY/before" "$COPY/tree/$file"
    if [[ $status -ne 101 ]]; then
        cat "$COPY/$name.log" >&2
        echo "$name was not caught (status $status)" >&2
        return 1
    fi
    printf '%s\t%s\tcaught\n' "$name" "$test" >>"$COPY/table"
}
campaign() {
    COPY="$(mktemp -d)"
    mkdir "$COPY/tree"
    git ls-files -z | xargs -0 cp --parents -t "$COPY/tree"
    mutant "synchronous=OFF" agent/daemon/src/journal/segment.rs \
        's/journal_mode=WAL; PRAGMA synchronous=FULL/journal_mode=WAL; PRAGMA synchronous=OFF/' \
        each_record_on_the_wire_was_synced_before
    mutant "publish before commit" agent/daemon/src/journal/writer.rs \
        's/(            if !self\.commit\(&rows, tell\))/            let early = rows.iter().map(|row| (row.seq, Arc::clone(&row.sealed)));\n            tell(Told::Durable(early.collect()));\n$1/' \
        each_record_on_the_wire_was_synced_before
    mutant "receipt before store" simulators/control-site/src/store/writer.rs \
        's/(        self\.shelf\.commit\(self\.intake\.journals\(\), utc\)\?;)/        let touched: Vec<_> = self.group.touched.keys().cloned().collect();\n        touched.iter().for_each(|key| self.schedule.committed(key, true, false));\n        self.issue_receipts()?;\n$1/' \
        receipts_are_never_ahead_of_what_is_stored
    table mutant test outcome <"$COPY/table"
    rm -rf "$COPY"
}
