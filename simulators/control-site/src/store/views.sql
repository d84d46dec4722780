-- Views for dashboards, described in docs/dashboards.md. Times are text in UTC, RFC 3339, milliseconds.

CREATE VIEW latest_values AS
WITH named AS (
  SELECT a.site, a.agent, u.unit, l.*,
         (SELECT max(p.since_seq) FROM parameters p
           WHERE p.journal_id = l.journal_id AND p.unit_id = l.unit_id
             AND p.parameter = l.parameter AND p.since_seq <= l.seq) AS known_since,
         (SELECT min(p.since_seq) FROM parameters p
           WHERE p.journal_id = l.journal_id AND p.unit_id = l.unit_id
             AND p.parameter = l.parameter) AS known_later
    FROM reading_latest l
    JOIN unit_state u ON u.id = l.unit_id
    JOIN agent_state a ON a.id = u.agent_id
), ranked AS (
  SELECT n.*, p.name, p.unit_of_measure, p.decimals, p.device, p.part, p.words,
         row_number() OVER (
           PARTITION BY n.agent, n.unit, coalesce(p.name, '#' || n.parameter)
           ORDER BY n.utc_ns DESC, n.seq DESC) AS newest
    FROM named n
    LEFT JOIN parameters p
      ON p.journal_id = n.journal_id AND p.unit_id = n.unit_id AND p.parameter = n.parameter
     AND p.since_seq = coalesce(n.known_since, n.known_later)
)
SELECT site, agent, unit,
       coalesce(name, '#' || parameter) AS parameter,
       value, text,
       (SELECT w.value ->> 1 FROM json_each(words) w WHERE w.value ->> 0 = ranked.value) AS word,
       CASE WHEN part IN ('process', 'set-point', 'phase', 'heartbeat', 'serial') OR part IS NULL THEN part
            ELSE 'other' END AS part,
       unit_of_measure, decimals, device,
       quality, quality_words,
       utc_ns AS at_ns,
       strftime('%Y-%m-%dT%H:%M:%S', utc_ns / 1000000000, 'unixepoch') || printf('.%03dZ', utc_ns / 1000000 % 1000) AS at_utc,
       strftime('%Y-%m-%dT%H:%M:%S', received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', received_ns / 1000000 % 1000) AS received_utc,
       parameter AS parameter_index
  FROM ranked WHERE newest = 1;

CREATE VIEW alarm_log AS
SELECT a.site, a.agent, l.unit, l.batch, l.phase,
       l.alarm, l.source, l.kind, l.transition, l.state, l.priority, l.occurrence,
       l.value, l."limit", p.unit_of_measure, l.quality, l.quality_words,
       l.person, l.role, l.comment,
       strftime('%Y-%m-%dT%H:%M:%S', l.at_ns / 1000000000, 'unixepoch') || printf('.%03dZ', l.at_ns / 1000000 % 1000) AS at_utc,
       strftime('%Y-%m-%dT%H:%M:%S', l.received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', l.received_ns / 1000000 % 1000) AS received_utc,
       l.latency_ms, l.live,
       lower(hex(j.journal)) AS journal, l.seq,
       l.at_ns
  FROM alarms l
  JOIN journal_state j ON j.id = l.journal_id
  JOIN agent_state a ON a.id = l.agent_id
  LEFT JOIN unit_state u ON u.agent_id = l.agent_id AND u.unit = l.unit
  LEFT JOIN parameters p ON p.journal_id = l.journal_id AND p.unit_id = u.id AND p.name = l.source
        AND p.since_seq = (SELECT max(q.since_seq) FROM parameters q
                            WHERE q.journal_id = l.journal_id AND q.unit_id = u.id AND q.name = l.source);

CREATE VIEW standing_alarms AS
WITH from_records AS (
  SELECT n.agent_id, n.unit, n.alarm, n.source, c.state, c.priority,
         coalesce(n.raised_ns, c.at_ns) AS raised_ns, n.journal_id, n.seq, 'record' AS proof
    FROM alarm_latest n
    JOIN alarms c ON c.journal_id = n.journal_id AND c.seq = n.seq
   WHERE c.state <> 'NORM'
     AND NOT EXISTS (SELECT 1 FROM summary_latest s
                      WHERE s.agent_id = n.agent_id AND s.unit = n.unit
                        AND (CASE WHEN s.journal_id = n.journal_id THEN s.as_of_seq >= n.seq
                                  ELSE s.utc_ns > n.utc_ns END))
), from_summaries AS (
  SELECT m.agent_id, m.unit, m.alarm, m.source, m.state, m.priority, m.raised_ns,
         n.journal_id, n.seq, 'summary' AS proof
    FROM summary_alarms m
    JOIN summary_latest s ON s.agent_id = m.agent_id AND s.unit = m.unit
    LEFT JOIN alarm_latest n
      ON n.agent_id = m.agent_id AND n.unit = m.unit AND n.alarm = m.alarm AND n.source = m.source
   WHERE m.state <> 'NORM'
     AND (n.seq IS NULL OR (CASE WHEN s.journal_id = n.journal_id THEN s.as_of_seq >= n.seq
                                 ELSE s.utc_ns > n.utc_ns END))
), both AS (SELECT * FROM from_records UNION ALL SELECT * FROM from_summaries)
SELECT a.site, a.agent, nullif(b.unit, '') AS unit, c.batch, c.phase,
       b.alarm, b.source, c.kind, b.state, b.priority,
       CASE WHEN b.state IN ('UNACK', 'RTNUN', 'LTUNK') THEN 0 ELSE 1 END AS answered,
       c.value, c."limit", u.unit_of_measure, c.quality, c.quality_words, c.person, c.comment,
       strftime('%Y-%m-%dT%H:%M:%S', b.raised_ns / 1000000000, 'unixepoch') || printf('.%03dZ', b.raised_ns / 1000000 % 1000) AS raised_utc,
       b.raised_ns, b.proof
  FROM both b
  JOIN agent_state a ON a.id = b.agent_id
  LEFT JOIN alarms c ON c.journal_id = b.journal_id AND c.seq = b.seq
  LEFT JOIN (SELECT s.agent_id, s.unit, p.name, p.journal_id, p.unit_of_measure, max(p.since_seq)
               FROM parameters p JOIN unit_state s ON s.id = p.unit_id
              GROUP BY s.agent_id, s.unit, p.name, p.journal_id) u
    ON u.agent_id = b.agent_id AND u.unit = b.unit AND u.name = b.source AND u.journal_id = b.journal_id;

CREATE VIEW units AS
WITH standing AS (
  SELECT agent, unit, count(*) AS number, min(priority) AS worst
    FROM standing_alarms WHERE unit IS NOT NULL GROUP BY agent, unit
), measured AS (
  SELECT unit_id, count(DISTINCT parameter) AS number FROM reading_latest GROUP BY unit_id
)
SELECT a.site, a.agent, u.unit, u.batch, u.phase, a.master_file, a.oversight,
       coalesce(s.number, 0) AS standing_alarms, s.worst AS worst_priority,
       coalesce(m.number, 0) AS parameters,
       strftime('%Y-%m-%dT%H:%M:%S', u.utc_ns / 1000000000, 'unixepoch') || printf('.%03dZ', u.utc_ns / 1000000 % 1000) AS last_record_utc,
       strftime('%Y-%m-%dT%H:%M:%S', u.received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', u.received_ns / 1000000 % 1000) AS last_received_utc
  FROM unit_state u
  JOIN agent_state a ON a.id = u.agent_id
  LEFT JOIN standing s ON s.agent = a.agent AND s.unit = u.unit
  LEFT JOIN measured m ON m.unit_id = u.id;

CREATE VIEW journals AS
SELECT a.site, a.agent, lower(hex(j.journal)) AS journal,
       j.verified, j.through, j.highest,
       j.missing_ranges AS gaps, j.missing_records AS missing,
       j.duplicates, j.refused, j.no_room,
       j.successor IS NOT NULL AS ended,
       (SELECT max(r.through) FROM receipts r WHERE r.journal_id = j.id) AS last_receipt_through,
       (SELECT max(r.issued_ns) FROM receipts r WHERE r.journal_id = j.id) AS last_receipt_ns,
       (SELECT strftime('%Y-%m-%dT%H:%M:%S', max(r.issued_ns) / 1000000000, 'unixepoch') || printf('.%03dZ', max(r.issued_ns) / 1000000 % 1000)
          FROM receipts r WHERE r.journal_id = j.id) AS last_receipt_utc,
       strftime('%Y-%m-%dT%H:%M:%S', j.last_received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', j.last_received_ns / 1000000 % 1000) AS last_received_utc
  FROM journal_state j JOIN agent_state a ON a.id = j.agent_id;

CREATE VIEW journal_seals AS
SELECT a.site, a.agent, lower(hex(j.journal)) AS journal, lower(hex(k.key_id)) AS key, k.first_seq,
       k.rotated_seq, CASE WHEN k.successor IS NOT NULL THEN lower(hex(k.successor)) END AS successor,
       CASE WHEN NOT EXISTS (SELECT 1 FROM journal_keys b WHERE b.journal_id = k.journal_id AND b.first_seq < k.first_seq)
              THEN 'first'
            WHEN EXISTS (SELECT 1 FROM journal_keys b WHERE b.journal_id = k.journal_id AND b.successor = k.key_id)
              THEN 'rotated'
            ELSE 'replaced' END AS how,
       strftime('%Y-%m-%dT%H:%M:%S', k.received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', k.received_ns / 1000000 % 1000) AS received_utc,
       k.received_ns
  FROM journal_keys k
  JOIN journal_state j ON j.id = k.journal_id
  JOIN agent_state a ON a.id = j.agent_id;

CREATE VIEW batch_completeness AS
SELECT a.site, a.agent, s.unit, s.batch, lower(hex(j.journal)) AS journal, s.seq AS seal_seq,
       s.first, s.last, lower(hex(s.root)) AS root, s.counts, s.found, s.missing, s.confirmed,
       strftime('%Y-%m-%dT%H:%M:%S', s.received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', s.received_ns / 1000000 % 1000) AS received_utc,
       strftime('%Y-%m-%dT%H:%M:%S', s.issued_ns / 1000000000, 'unixepoch') || printf('.%03dZ', s.issued_ns / 1000000 % 1000) AS issued_utc,
       s.received_ns
  FROM batch_seals s
  JOIN journal_state j ON j.id = s.journal_id
  JOIN agent_state a ON a.id = j.agent_id;

CREATE VIEW alarm_latency AS
SELECT a.site, a.agent, l.unit, l.alarm, l.source, l.transition, l.priority, l.latency_ms, l.live,
       strftime('%Y-%m-%dT%H:%M:%S', l.at_ns / 1000000000, 'unixepoch') || printf('.%03dZ', l.at_ns / 1000000 % 1000) AS at_utc,
       strftime('%Y-%m-%dT%H:%M:%S', l.received_ns / 1000000000, 'unixepoch') || printf('.%03dZ', l.received_ns / 1000000 % 1000) AS received_utc
  FROM alarms l JOIN agent_state a ON a.id = l.agent_id;
