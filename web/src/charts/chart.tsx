// A chart of lines over time, by uPlot.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { colour, dark } from '../state/theme';

export interface Line {
  name: string;
  // Of the style sheet.
  colour: string;
  dashed?: boolean;
  filled?: boolean;
  values: (number | null)[];
}

interface Properties {
  title: string;
  // In seconds since 1970.
  times: number[];
  lines: Line[];
  format: (value: number) => string;
  // For the axis; as `format` where there is none.
  short?: (value: number) => string;
  // Values of 0 are not shown then.
  logarithmic?: boolean;
}

const kHeight = 170;
const kLeast = 120;
// Width of a time of day on an axis.
const kClock = 46;
// All charts point at the same moment.
const kSync = 'time';
// What is counted is whole; an axis ends here at least.
const kIncrements = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
const kLeastMost = 4;
// Seconds that an empty chart shows.
const kSpan = 60;

const clockOf = (time: number): string => new Date(time * 1000).toLocaleTimeString('en-GB', { hour12: false });

function options(properties: Properties, width: number, point: (index: number | null) => void): uPlot.Options {
  const decades = (_: uPlot, splits: number[]): (number | null)[] =>
    splits.map((split) => (Number.isInteger(Math.round(Math.log10(split) * 1e6) / 1e6) ? split : null));
  const text = properties.short ?? properties.format;
  const axis = (): uPlot.Axis => ({
    stroke: colour('muted'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  });
  return {
    width,
    height: kHeight,
    legend: { show: false },
    // Half of the last time of the axis is beyond its end.
    padding: [8, kClock / 2, 0, 0],
    cursor: { sync: { key: kSync }, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true },
      y: properties.logarithmic
        ? { distr: 3, range: (_, least, most) => (least === null ? [1e-4, 1] : uPlot.rangeLog(least, most, 10, true)) }
        : { range: (_, __, most) => [0, Math.max(kLeastMost, (most ?? 1) * 1.1)] },
    },
    axes: [
      { ...axis(), size: 24, space: 80, values: (_, splits) => splits.map(clockOf) },
      {
        ...axis(),
        size: 58,
        space: 30,
        ...(properties.logarithmic
          ? { filter: decades, grid: { stroke: colour('grid'), width: 1, filter: decades } }
          : { incrs: kIncrements }),
        values: (_, splits) => splits.map((split) => (split === null ? '' : text(split))),
      },
    ],
    series: [
      {},
      ...properties.lines.map(
        (line): uPlot.Series => ({
          label: line.name,
          stroke: colour(line.colour),
          width: 1.5,
          ...(line.dashed ? { dash: [5, 4] } : {}),
          ...(line.filled ? { fill: `${colour(line.colour)}22` } : {}),
          points: { show: false },
          spanGaps: true,
        }),
      ),
    ],
    hooks: { setCursor: [(chart) => point(chart.cursor.idx ?? null)] },
  };
}

const dataOf = (properties: Properties): uPlot.AlignedData => {
  const shown = properties.times.length > 0 ? properties.times : [Date.now() / 1000 - kSpan, Date.now() / 1000];
  const values = properties.lines.map((line) => (properties.times.length > 0 ? line.values : [null, null]));
  return [shown, ...values.map((line) => (properties.logarithmic ? line.map((value) => value || null) : line))];
};

export function Chart(properties: Properties) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const names = JSON.stringify(properties.lines.map((line) => [line.name, line.colour]));
  const isDark = dark.value;

  useEffect(() => {
    const parent = box.current;
    if (!parent) return undefined;
    const made = new uPlot(options(properties, Math.max(kLeast, parent.clientWidth), setIndex), dataOf(properties), parent);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(kLeast, parent.clientWidth), height: kHeight }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [names, isDark]);

  useEffect(() => {
    if (!document.hidden) chart.current?.setData(dataOf(properties));
  }, [properties.times, properties.lines]);

  return (
    <figure class="chart panel">
      <figcaption>
        <h2>{properties.title}</h2>
        <Legend {...properties} index={index} />
      </figcaption>
      <div ref={box} class="plot" aria-hidden="true" />
    </figure>
  );
}

// The lines with their values, at the cursor or the last ones: this is also what a screen reader is told.
function Legend({ lines, format, times, index }: Properties & { index: number | null }) {
  const at = index !== null && index < times.length ? index : times.length - 1;
  return (
    <ul class="legend">
      {lines.map((line) => {
        const value = line.values[at];
        return (
          <li key={line.name}>
            <i class={`swatch swatch-${line.colour}${line.dashed ? ' dashed' : ''}`} /> {line.name} <b>{value === null || value === undefined ? '–' : format(value)}</b>
          </li>
        );
      })}
    </ul>
  );
}
