# Mutants of the guard: each check of a Modbus reply, changed or taken out, must turn a test red or stand in docs/mutants-guard.md.
campaign() {
    cargo_tool cargo-mutants cargo-mutants "${CARGO_MUTANTS:=27.1.0}"
    local guard="$CACHE/guard" out="$CACHE/mutants-guard" root="$PWD" begin=$SECONDS status=0
    rm -rf "$guard" "$out" && mkdir -p "$guard/src/acquire" "$out"
    # The guard and its tests in a crate of their own: a mutant is built and tried in seconds.
    cp -r agent/core/src/acquire/rtu "$guard/src/acquire/"
    cp -r agent/daemon/src/modbus "$guard/src/"
    find "$guard/src/modbus" -name '*.rs' -exec sed -i 's/cellwatch_core::/crate::/g' {} +
    cp Cargo.lock "$guard/"
    cat >"$guard/Cargo.toml" <<TOML
[package]
name = "guard"
version = "0.1.0"
edition = "2024"
[workspace]
[dependencies]
cellwatch-config = { path = "$root/config" }
cellwatch-model = { path = "$root/agent/model" }
thiserror = "2"
tokio = { version = "1", features = ["rt", "rt-multi-thread", "macros", "net", "time", "sync", "io-util"] }
tokio-modbus = { version = "0.17", default-features = false, features = ["tcp"] }
tokio-serial = { version = "5", default-features = false }
[dev-dependencies]
proptest = { version = "1", default-features = false, features = ["std"] }
[profile.dev]
opt-level = 1
debug = false
TOML
    cat >"$guard/src/lib.rs" <<'RUST'
pub mod door;
pub mod acquire { pub mod rtu; }
pub mod modbus;
RUST
    # What both take from the core's door.
    cat >"$guard/src/door.rs" <<'RUST'
use cellwatch_config::profile::Table;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceId(pub u16);
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read { pub modbus_unit: u8, pub table: Table, pub address: u16, pub count: u16 }
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoReply { NotConnected(String), Timeout, Wrong(String), Exception(u8) }
RUST
    # 2 and 3 are its words for mutants that were missed or did not end.
    (
        cd "$guard"
        unset CARGO_TARGET_DIR
        logged cargo mutants --in-place --no-shuffle --colors never --timeout 60 --output "$out" \
            --file 'src/acquire/rtu/*.rs' --file 'src/modbus/*.rs' -- --lib
    ) || status=$?
    [[ $status -eq 0 || $status -eq 2 || $status -eq 3 ]] || return "$status"
    out="$out/mutants.out"
    local unexplained=0 mutant
    while read -r mutant; do
        [[ -n $mutant ]] || continue
        mutant="${mutant#*: }" # without file and line, which move
        grep -qF -- "${mutant/|/\\|}" docs/mutants-guard.md && continue
        echo "- survives WITHOUT a reason: $mutant"
        unexplained=$((unexplained + 1))
    done <"$out/missed.txt"
    count() { wc -l <"$out/$1.txt" | tr -d ' '; }
    printf '%s\t%s\t%s\t%s\n' "$(count caught)" "$(count timeout)" "$(count missed)" "$(count unviable)" |
        table caught "did not end" survived "did not compile"
    echo
    echo "In $((SECONDS - begin)) s."
    [[ $unexplained -eq 0 ]]
}
