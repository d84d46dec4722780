# From a reading over its limit to the stack light, to the page and to a subscriber; what 50 open pages cost.
benchmark() {
    local log="$CACHE/to-the-people.log"
    example to_the_people >"$log" 2>"$log.err" || { cat "$log.err" >&2; return 1; }
    printf '## To the people\n\n'
    printf 'One device polled every 100 ms over Modbus TCP, one alarm without delays; journal, seals, annunciator, page, Mosquitto with TLS and a Control Site on. Device, stack light, page and subscriber are '
    printf 'threads of one program beside the agent: times are from handing the reply to the kernel to reading the coils, the event or the record. '
    printf 'Then ten units of 16 parameters at 1 s without a broker, and pages that only look. `tests/bench to_the_people`\n\n'
    cat "$log"
    printf '\n%s, %s cores.\n' "$(uname -m)" "$(nproc)"
}
