// One chart: the line of a parameter over its alert and action bands, with phases, gaps and alarms.
import { h } from './dom.js';
import { isUtc, minute, day, clock } from './time.js';
import { gaps } from './trends.js';
import { number } from './words.js';
import { state } from './store.js';

const SCRIPT = '/vendor/uplot/uPlot.iife.min.js';
const MARKS = { 1: 'M0 -7L7 6H-7Z', 2: 'M0 -8L8 0L0 8L-8 0Z', 3: 'M0 -6a6 6 0 1 1 0 12a6 6 0 1 1 0-12Z', 4: 'M-6 -6H6V6H-6Z' };
// Room above and below the outermost limit or value, as a share of the height.
const ROOM = 0.08;
// Above the chart: the marks of alarms, so that none covers the line, and over the first one the names of phases.
const LANE = 18;
const NAMES = 17;
const FONT = '13px system-ui, "DejaVu Sans", sans-serif';

const DAY_MS = 86400000;

let loading = null;

// Fetched when the first chart is drawn.
export function loadCharts() {
  loading ??= new Promise((resolve, reject) => {
    const script = h('script', { src: SCRIPT });
    script.onload = resolve;
    script.onerror = () => reject(new Error('the charts cannot be loaded'));
    document.head.append(script);
  });
  return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// A holder that keeps its chart while pictures change around it. data(): { trend, bands, from, to, priority, phases, names, height }.
// It has its height before it is drawn: what stands below it does not move under a finger.
export function chart(key, height, data) {
  return h('div', { class: 'plot', key, 'aria-hidden': 'true', geometry: { 'min-height': `${height}px` }, mount: (holder) => draw(holder, data), refresh: (holder) => draw(holder, data) });
}

async function draw(holder, data) {
  await loadCharts();
  const now = data();
  const theme = `${colour('ground')} ${isUtc()} ${now.height} ${now.priority} ${now.first} ${now.to - now.from > 2 * DAY_MS}`;
  const width = Math.max(160, Math.floor(holder.clientWidth));
  holder.now = now;
  const points = now.trend.points;
  const columns = [points.map(([at]) => at), points.map(([, value]) => value)];
  if (holder.chart && holder.theme === theme) {
    const stamp = `${points.length} ${points.at(-1)?.[0]} ${Math.floor(now.to / 1000)} ${width}`;
    if (holder.stamp === stamp) return;
    holder.stamp = stamp;
    if (holder.chart.width !== width) holder.chart.setSize({ width, height: now.height });
    holder.chart.setData(columns, false);
    holder.chart.setScale('x', { min: now.from, max: now.to });
    return;
  }
  holder.chart?.destroy();
  holder.replaceChildren();
  holder.theme = theme;
  holder.chart = new window.uPlot(options(holder, width, now), columns, holder);
  holder.chart.setScale('x', { min: now.from, max: now.to });
}

function options(holder, width, now) {
  const line = now.priority ? colour(`p${now.priority}`) : colour('ink');
  const axis = { stroke: colour('quiet'), font: FONT, grid: { show: false }, ticks: { stroke: colour('line'), width: 1, size: 5 } };
  const long = now.to - now.from > 2 * DAY_MS;
  return {
    width, height: now.height, ms: 1, padding: [LANE + (now.first ? NAMES : 0), 12, 0, 0], legend: { show: false },
    cursor: { sync: { key: 'unit' }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true, auto: false }, y: { range: (plot) => range(plot, holder.now) } },
    axes: [
      { ...axis, size: 26, values: (plot, ticks) => ticks.map((at) => (long ? day(at).slice(0, 6) : minute(at))), splits: (plot) => splits(plot.scales.x.min, plot.scales.x.max, width) },
      { ...axis, size: 58, space: 26, values: (plot, ticks) => ticks.map((at) => number(at, tickDecimals(ticks))) },
    ],
    series: [{}, { stroke: line, width: 1.8, spanGaps: false, points: { show: false } }],
    hooks: { drawClear: [(plot) => under(plot, holder.now)], draw: [(plot) => over(plot, holder.now)], setCursor: [(plot) => point(plot, holder)] },
  };
}

function tickDecimals(ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  return Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
}

// Round times of the site's clock.
function splits(from, to, width) {
  const MINUTE = 60000;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880].map((minutes) => minutes * MINUTE);
  const step = steps.find((one) => (to - from) / one <= width / 90) ?? steps.at(-1);
  // Hours of a day begin at the site's midnight, half-hour zones included.
  const [hours, minutes] = minute(from).split(':').map(Number);
  const midnight = Math.floor(from / MINUTE) * MINUTE - (hours * 60 + minutes) * MINUTE;
  const all = [];
  for (let at = midnight + Math.ceil((from - midnight) / step) * step; at <= to; at += step) all.push(at);
  return all;
}

function range(plot, { trend, bands, from, to }) {
  const [, values] = plot.data;
  const shown = bands.filter((band) => band.limits && band.from_ms < to && band.to_ms > from).flatMap(({ limits }) => [limits.LL, limits.L, limits.H, limits.HH]);
  const known = [...shown, trend.set_point].filter((one) => one !== null && one !== undefined);
  plot.data[0].forEach((at, i) => {
    if (at >= from && at <= to && values[i] !== null) known.push(values[i]);
  });
  if (known.length === 0) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const room = (high - low) * ROOM || Math.abs(high) * 0.02 || 1;
  return [low - room, high + room];
}

// Below the line: bands, phases, gaps.
function under(plot, { trend, bands, from, to, phases, first, names }) {
  const { ctx, bbox } = plot;
  const y = (value) => plot.valToPos(value, 'y', true);
  const x = (ms) => plot.valToPos(Math.min(to, Math.max(from, ms)), 'x', true);
  const { left, top, width, height } = bbox;
  ctx.save();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillStyle = colour('track');
  ctx.fillRect(left, top, width, height);
  // Each time has the limits that judged it, or none.
  for (const { from_ms: begin, to_ms: end, limits } of bands) {
    if (limits && end > from && begin < to) band(ctx, limits, x(begin), x(end), top, height, y);
  }
  if (trend.set_point !== null) dashes(ctx, [[left, y(trend.set_point), left + width, y(trend.set_point)]], colour('line'), [], 1);
  for (const [begin, end] of gaps(trend, to)) hatch(ctx, x(begin), top, Math.max(2, x(end) - x(begin)), height);
  const ratio = window.devicePixelRatio || 1;
  ctx.font = `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  for (const phase of phases) {
    if (phase.from_ms > from && phase.from_ms < to) dashes(ctx, [[x(phase.from_ms), top, x(phase.from_ms), top + height]], colour('ink'), [2, 3], 1.5);
    const room = x(phase.to_ms ?? to) - x(phase.from_ms);
    const words = names[phase.id] ?? phase.id;
    if (first && room > ctx.measureText(words).width + 8) {
      ctx.fillStyle = colour('quiet');
      ctx.fillText(words, x(phase.from_ms) + 4, top - (LANE + 3) * ratio);
    }
  }
  ctx.restore();
}

function band(ctx, { LL, L, H, HH }, left, right, top, height, y) {
  const given = (limit) => limit !== null && limit !== undefined;
  const fill = (name, low, high) => {
    const a = Math.max(top, given(high) ? y(high) : top);
    const b = Math.min(top + height, given(low) ? y(low) : top + height);
    ctx.fillStyle = colour(name);
    if (b > a) ctx.fillRect(left, a, right - left, b - a);
  };
  if (![LL, L, H, HH].some(given)) return;
  fill('alert', LL, HH);
  fill('chart-ok', L ?? LL, H ?? HH);
  const lines = (limits) => limits.filter(given).map((limit) => [left, y(limit), right, y(limit)]);
  dashes(ctx, lines([LL, HH]), colour('edge'), [], 1.5);
  dashes(ctx, lines([L, H]), colour('edge'), [5, 4], 1);
}

// Above it: when alarms were raised, and when they returned.
function over(plot, { trend, from, to }) {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  for (const alarm of trend.alarms) {
    if (alarm.at_ms < from || alarm.at_ms > to || !['raised', 're-alarmed', 'returned'].includes(alarm.transition)) continue;
    const x = plot.valToPos(alarm.at_ms, 'x', true);
    ctx.save();
    dashes(ctx, [[x, bbox.top, x, bbox.top + bbox.height]], colour(`p${alarm.priority}`), [2, 3], 1);
    ctx.translate(x, bbox.top - (LANE / 2) * ratio);
    ctx.scale(ratio, ratio);
    const path = new Path2D(MARKS[alarm.priority] ?? MARKS[4]);
    ctx.lineWidth = 1.8;
    ctx.strokeStyle = colour(`p${alarm.priority}`);
    ctx.fillStyle = alarm.transition === 'returned' ? colour('track') : colour(`p${alarm.priority}`);
    ctx.fill(path);
    ctx.stroke(path);
    ctx.restore();
  }
}

function dashes(ctx, lines, stroke, pattern, width) {
  ctx.strokeStyle = stroke;
  ctx.lineWidth = width * (window.devicePixelRatio || 1);
  ctx.setLineDash(pattern);
  for (const [x1, y1, x2, y2] of lines) {
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function hatch(ctx, x, y, width, height) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.fillStyle = colour('hatch');
  ctx.fillRect(x, y, width, height);
  const lines = [];
  for (let at = -height; at < width; at += 9) lines.push([x + at, y + height, x + at + height, y]);
  dashes(ctx, lines, colour('strong-line'), [], 1);
  ctx.restore();
}

// What stands under the pointer, in words beside the chart's name.
function point(plot, holder) {
  const words = holder.parentElement?.querySelector('.at');
  if (!words) return;
  const { idx } = plot.cursor;
  const at = idx === null || idx === undefined ? null : plot.data[0][idx];
  const value = at === null ? null : plot.data[1][idx];
  words.textContent = at === null || !state.view ? '' : `${clock(at)}: ${value === null ? 'no reading' : number(value, holder.now.trend.decimals)}`;
}
