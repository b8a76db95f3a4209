// Pause, zoom, and which executor the task stream shows.
import { useState } from 'preact/hooks';
import { exact, seconds } from '../parts/format';
import { taskModel, taskVersion } from '../state/task_stream';
import { kZoom, togglePause, zoom } from '../tasks/gestures';
import type { Stage } from '../tasks/stage';

export function Controls({ stage }: { stage: Stage }) {
  const paused = stage.paused.value;
  return (
    <div class="controls">
      <Rate />
      <Executors stage={stage} />
      <span class="group" role="group" aria-label="Time shown">
        <button type="button" aria-label="Zoom out" title="Zoom out (-)" onClick={() => zoom(stage, kZoom)}>
          −
        </button>
        <output class="span">{seconds(stage.span.value / 1000)}</output>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoom(stage, 1 / kZoom)}>
          +
        </button>
      </span>
      <button type="button" class={paused ? 'primary' : ''} aria-pressed={paused} title="p" onClick={() => togglePause(stage)}>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </div>
  );
}

function Rate() {
  void taskVersion.value;
  const { rate, shownRate } = taskModel;
  const sampled = rate > shownRate * 1.05 + 1;
  return (
    <span class="note rate">
      {exact(Math.round(rate))} tasks/s{sampled ? `, ${exact(Math.round(shownRate))}/s of them shown` : ''}
    </span>
  );
}

function Executors({ stage }: { stage: Stage }) {
  void taskVersion.value;
  const [chosen, choose] = useState('');
  if (taskModel.executors.length < 2) return null;
  return (
    <select
      aria-label="Executor"
      value={chosen}
      onChange={(event) => {
        choose(event.currentTarget.value);
        stage.executor = event.currentTarget.value;
        stage.resize();
      }}
    >
      <option value="">All executors</option>
      {taskModel.executors.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
