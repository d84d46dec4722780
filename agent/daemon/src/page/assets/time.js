// Times in the site's zone, or in UTC where the reader asks for it; durations in words.

let zone = 'UTC';
let utc = false;
const formats = new Map();

export function setZone(name) {
  zone = name;
}

export function isUtc() {
  return utc;
}

export function setUtc(on) {
  utc = on;
}

function format(options) {
  const timeZone = utc ? 'UTC' : zone;
  const key = `${timeZone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone, hourCycle: 'h23' });
    } catch {
      // A browser that does not know the site's zone says UTC, and never a wrong time.
      made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC', hourCycle: 'h23' });
    }
    formats.set(key, made);
  }
  return formats.get(key);
}

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const DAY = { day: '2-digit', month: 'short', year: 'numeric' };

// 14:34:07
export function clock(ms) {
  return format(TIME).format(ms);
}

// 14:34
export function minute(ms) {
  return format({ hour: '2-digit', minute: '2-digit' }).format(ms);
}

// CET, or UTC+1 where the zone has no letters here.
export function zoneWords(ms) {
  if (utc) return 'UTC';
  const part = format({ timeZoneName: 'short' }).formatToParts(ms).find((one) => one.type === 'timeZoneName');
  return part?.value.replace('GMT', 'UTC') ?? 'UTC';
}

export function day(ms) {
  return format(DAY).format(ms);
}

// The time, and the day where it is not today's.
export function moment(ms, now) {
  return day(ms) === day(now) ? clock(ms) : `${format({ day: '2-digit', month: 'short' }).format(ms)} ${clock(ms)}`;
}

// What a field of day and time holds, as UTC milliseconds: the clock on the wall is the site's, or UTC's where the reader asked for it. Of an
// hour that comes twice it is the second; an hour that never comes is the one after it.
export function fromField(text) {
  const parts = /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/.exec(text)?.slice(1).map((part) => Number(part ?? 0));
  if (!parts) return null;
  const [year, month, ...rest] = parts;
  const wall = Date.UTC(year, month - 1, ...rest);
  return wall - ahead(wall - ahead(wall));
}

// How far the shown clock is ahead of UTC, milliseconds.
function ahead(ms) {
  const parts = format({ ...TIME, day: '2-digit', month: '2-digit', year: 'numeric' }).formatToParts(ms);
  const part = (type) => Number(parts.find((one) => one.type === type).value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(ms / 1000) * 1000;
}

// Day and time, whole.
export function stamp(ms) {
  return `${day(ms)} ${clock(ms)} ${zoneWords(ms)}`;
}

// 42 s · 7 min 20 s · 5 h 12 min · 3 days 4 h
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  const hours = Math.floor(s / 3600);
  if (s < 600) return two(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (hours < 48) return two(hours, 'h', Math.floor((s % 3600) / 60), 'min');
  return two(Math.floor(hours / 24), 'days', hours % 24, 'h');
}

// The same to the minute, for what lasts long.
export function coarse(ms) {
  return ms < 3600000 ? `${Math.max(0, Math.floor(ms / 60000))} min` : span(ms);
}

function two(large, words, small, smaller) {
  return small === 0 ? `${large} ${words}` : `${large} ${words} ${small} ${smaller}`;
}

// 7:20, 1:02:03: what runs down.
export function countdown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const digits = (number) => String(number).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h > 0 ? `${h}:${digits(Math.floor((s % 3600) / 60))}:${digits(s % 60)}` : `${Math.floor(s / 60)}:${digits(s % 60)}`;
}
