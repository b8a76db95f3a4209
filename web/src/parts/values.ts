// Values as text for people: close to JSON, on as many lines as it takes.
import { bytes } from './format';
import type { Arguments, Value } from '../api/types';

const kWidth = 88;
const kDeepest = 40;
const kShownBytes = 32;

function ofBytes(base64: string): string {
  const size = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  const shown = atob(base64.slice(0, Math.ceil(kShownBytes / 3) * 4)).slice(0, kShownBytes);
  const hex = Array.from(shown, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join(' ');
  return `bytes (${bytes(size)})${size > 0 ? ` ${hex}` : ''}${size > kShownBytes ? ' …' : ''}`;
}

function enclosed(open: string, items: string[], close: string, indent: string): string {
  if (items.length === 0) return open + close;
  const line = open + items.join(', ') + close;
  if (line.length + indent.length <= kWidth && !line.includes('\n')) return line;
  const deeper = `${indent}  `;
  return `${open}\n${items.map((item) => deeper + item).join(',\n')}\n${indent}${close}`;
}

export function valueText(value: Value, indent = '', depth = 0): string {
  if (depth > kDeepest) return '…';
  const deeper = (inner: Value): string => valueText(inner, `${indent}  `, depth + 1);
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.intValue !== undefined) return String(value.intValue);
  if (value.uintValue !== undefined) return String(value.uintValue);
  if (value.doubleValue !== undefined) return doubleText(value.doubleValue);
  if (value.stringValue !== undefined) return JSON.stringify(value.stringValue);
  if (value.bytesValue !== undefined) return ofBytes(value.bytesValue);
  if (value.listValue !== undefined) return enclosed('[', (value.listValue.items ?? []).map(deeper), ']', indent);
  if (value.mapValue !== undefined) {
    const entries = Object.entries(value.mapValue.entries ?? {});
    return enclosed('{', entries.map(([key, inner]) => `${JSON.stringify(key)}: ${deeper(inner)}`), '}', indent);
  }
  if (value.messageValue !== undefined) return JSON.stringify(value.messageValue, null, 2).replaceAll('\n', `\n${indent}`);
  if (value.opaqueValue !== undefined) return `${value.opaqueValue.codec ?? 'opaque'} ${ofBytes(value.opaqueValue.data ?? '')}`;
  return 'null';
}

// A whole double shows that it is one.
function doubleText(value: number | string): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

// As a call: name(1, 2, key=3).
export function callText(name: string, given: Arguments): string {
  const positional = (given.positional ?? []).map((value) => valueText(value, '  '));
  const keyword = Object.entries(given.keyword ?? {}).map(([key, value]) => `${key}=${valueText(value, '  ')}`);
  return enclosed(`${name}(`, [...positional, ...keyword], ')', '');
}
