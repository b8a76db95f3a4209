// Numbers, times and states as people read them.
import type { Count, ExecutorState, FutureState, Timestamp } from '../api/types';

const kUnits = ['', 'k', 'M', 'G', 'T'];

function scaled(value: number, step: number): [number, number] {
  let power = 0;
  while (Math.abs(value) >= step && power < kUnits.length - 1) {
    value /= step;
    ++power;
  }
  return [value, power];
}

// What is left of a conversion must not show: 1e-4 s are 99.99999999999999 µs.
const kExact = 12;

function digits(converted: number): string {
  const value = Number(converted.toPrecision(kExact));
  return value.toFixed(value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2);
}

export const numberOf = (count: Count | undefined): number => Number(count ?? 0);

// 999, 12.3k, 1.20M.
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const [mantissa, power] = scaled(value, 1000);
  return digits(mantissa) + kUnits[power];
}

// 1.5k, 20k: of axes, whose numbers are round.
export function round(value: number): string {
  const [mantissa, power] = scaled(value, 1000);
  return `${Number(mantissa.toPrecision(3))}${kUnits[power]}`;
}

export const exact = (value: number): string => value.toLocaleString('en');

export function bytes(value: number): string {
  const [mantissa, power] = scaled(value, 1024);
  return power === 0 ? `${value} B` : `${digits(mantissa)} ${kUnits[power]?.toUpperCase()}iB`;
}

// 420 ns, 870 µs, 12.3 ms, 4.20 s, 3 min 20 s, 2 h 5 min, 3 d 4 h.
export function seconds(value: number): string {
  if (!Number.isFinite(value) || value < 0) return '–';
  if (value === 0) return '0 s';
  if (value < 1e-6) return `${digits(value * 1e9)} ns`;
  if (value < 0.001) return `${digits(value * 1e6)} µs`;
  if (value < 1) return `${digits(value * 1e3)} ms`;
  if (value < 60) return `${digits(value)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

// Of the daemon's times, which are whole milliseconds.
export const between = (milliseconds: number): string =>
  milliseconds >= 0 && milliseconds < 1 ? '< 1 ms' : seconds(milliseconds / 1000);

// Milliseconds since 1970; NaN for none.
export const timeOf = (time: Timestamp | undefined): number => (time ? Date.parse(time) : NaN);

export const clock = (time: Timestamp | undefined): string => clockOf(timeOf(time));

// Of milliseconds since 1970.
export function clockOf(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  return date.toLocaleTimeString('en-GB', { hour12: false }) + '.' + String(date.getMilliseconds()).padStart(3, '0');
}

// The date as well, where it is not today's.
export function dateAndClock(time: Timestamp | undefined): string {
  const date = new Date(timeOf(time));
  if (Number.isNaN(date.getTime())) return '–';
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(time) : `${date.toLocaleDateString('en-CA')} ${clock(time)}`;
}

export function ago(time: Timestamp | undefined, now: number): string {
  const since = (now - timeOf(time)) / 1000;
  if (Number.isNaN(since)) return '–';
  return since < 1 ? 'just now' : `${seconds(Math.floor(since))} ago`;
}

export const stateName = (state: FutureState | ExecutorState): string =>
  state.replace(/^(FUTURE|EXECUTOR)_STATE_/, '').toLowerCase();

export const kFinal: readonly FutureState[] = [
  'FUTURE_STATE_SUCCEEDED',
  'FUTURE_STATE_FAILED',
  'FUTURE_STATE_CANCELLED',
];

export const isFinal = (state: FutureState): boolean => kFinal.includes(state);
