# Verification of records at the Control Site, beside the bare Ed25519 rate of one core.
benchmark() {
    echo "## Verification"
    echo
    cargo bench --quiet --locked --profile "$PROFILE" --workspace --bench verify
}
