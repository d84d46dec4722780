# Processor time and memory of a site and of a hall, everything on, beside a bare loop with the same values.
benchmark() {
    local log="$CACHE/load.log"
    example load >"$log" 2>"$log.err" || { cat "$log.err" >&2; return 1; }
    printf '## Load\n\n'
    printf 'A site: 10 devices with 100 registers at 1 s. A hall: 100 devices with 1000 float32 at 1 s. Modbus TCP on loopback, frames of 5 s, four limits on one parameter '
    printf 'in five, journal, seals, TLS, page, a Control Site that receives. The bare loop reads the same values with tokio-modbus and publishes them with rumqttc over the same TLS, '
    printf 'as many messages, and judges, seals and stores nothing. 60 s after 20 s; processor time by the scheduler, all threads. `tests/bench load`\n\n'
    cat "$log"
    printf '\n%s, %s cores.\n' "$(uname -m)" "$(nproc)"
}
